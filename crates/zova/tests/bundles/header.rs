//! `include/zova_extension.h` and the Rust definitions it is generated from agree to the byte, whatever the generator
//! understood.

use std::fmt::Write as _;
use std::mem::{align_of, offset_of, size_of};
use std::process::Command;

use zova::engine::plugin::abi::*;

use crate::support::{Scene, root};

/// Assertions about a struct: its size and alignment, and offset and size of every field. A field that is not named
/// here does not compile.
macro_rules! layout {
    ($text:ident, $name:ident { $($field:ident),* $(,)? }) => {{
        let _ = |value: $name| {
            let $name { $($field: _),* } = value;
        };
        let name = stringify!($name);
        writeln!($text, "SAME(sizeof({name}), {});", size_of::<$name>()).unwrap();
        writeln!($text, "SAME(_Alignof({name}), {});", align_of::<$name>()).unwrap();
        $(
            let field = stringify!($field).trim_start_matches("r#");
            writeln!($text, "SAME(offsetof({name}, {field}), {});", offset_of!($name, $field)).unwrap();
            let size = size_of_field(|value: &$name| &raw const value.$field);
            writeln!($text, "SAME(sizeof((({name} *)0)->{field}), {size});").unwrap();
        )*
    }};
}

fn size_of_field<T, F>(_: fn(&T) -> *const F) -> usize {
    size_of::<F>()
}

#[test]
fn a_c_compiler_sees_the_layouts_and_numbers_that_rust_has() {
    let mut text = String::from(
        "#include \"zova_extension.h\"\n#define SAME(a, b) _Static_assert((a) == (b), #a \" == \" #b)\n",
    );
    layout!(text, zova_ext_cell { r#type, reserved, integer, real, data, len });
    layout!(text, zova_ext_function { struct_size, name, n_args, flags, call, destroy, user });
    layout!(text, zova_ext_column { name, decl_type, flags, reserved });
    layout!(
        text,
        zova_ext_table_function {
            struct_size,
            name,
            flags,
            n_columns,
            columns,
            estimated_cost,
            estimated_rows,
            scan,
            destroy,
            user,
        }
    );
    layout!(
        text,
        zova_ext_salvage_counts {
            copied_extensions,
            copied_private_objects,
            skipped_extensions,
            skipped_private_objects,
            skipped_rows,
            installed_in_destination,
            reserved,
        }
    );
    layout!(text, zova_ext_entry { data, len });
    layout!(text, zova_ext_deferred { struct_size, name, write, destroy, user });
    layout!(text, zova_ext_tree { struct_size, name, columns, n_columns, n_key, next, user });
    layout!(
        text,
        zova_ext_host {
            struct_size,
            abi_major,
            abi_minor,
            zova_version,
            alloc,
            free,
            fail,
            context_flags,
            exec,
            prepare,
            bind,
            step,
            column_count,
            column,
            reset,
            finalize,
            changes,
            target_exists,
            create_function,
            create_table_function,
            call_context,
            result,
            push_row,
            salvage_source,
            salvage_destination,
            salvage_report,
            data_version,
            create_deferred,
            defer,
            write_deferred,
            insert_rows,
            insert_by_tree,
            salvage_leave_out,
        }
    );
    layout!(
        text,
        zova_ext_plugin {
            struct_size,
            abi_major,
            abi_minor,
            name,
            version,
            storage_prefix,
            zova_abi_min,
            capabilities,
            manifest_json,
            user,
            register_sql,
            open_check,
            install,
            check,
            drop,
            salvage,
        }
    );
    for (name, value) in numbers::ALL {
        writeln!(text, "SAME({name}, {value});").unwrap();
    }
    writeln!(text, "SAME(ZOVA_EXT_ABI_MAJOR, {ABI_MAJOR});\nSAME(ZOVA_EXT_ABI_MINOR, {ABI_MINOR});").unwrap();
    writeln!(text, "SAME(sizeof(zova_ext_status), {});", size_of::<zova_ext_status>()).unwrap();

    let scene = Scene::new();
    let source = scene.path("layouts.c");
    std::fs::write(&source, text).unwrap();
    let mut command = Command::new("cc");
    command.args(["-std=c11", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", "-I"]);
    let output = command.arg(root().join("include")).arg(&source).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_numbers_are_those_of_the_rest_of_the_interface() {
    let header = std::fs::read_to_string(root().join("include/zova.h")).unwrap();
    for (ours, theirs) in [
        (numbers::INTEGER, "ZOVA_COLUMN_INTEGER"),
        (numbers::FLOAT, "ZOVA_COLUMN_FLOAT"),
        (numbers::TEXT, "ZOVA_COLUMN_TEXT"),
        (numbers::BLOB, "ZOVA_COLUMN_BLOB"),
        (numbers::NULL, "ZOVA_COLUMN_NULL"),
        (numbers::TARGET_OBJECT, "ZOVA_GRAPH_TARGET_OBJECT"),
        (numbers::TARGET_OBJECT_CHUNK, "ZOVA_GRAPH_TARGET_OBJECT_CHUNK"),
        (numbers::TARGET_VECTOR, "ZOVA_GRAPH_TARGET_VECTOR"),
    ] {
        assert!(header.contains(&format!(" {theirs} = {ours},")), "{theirs}");
    }
}
