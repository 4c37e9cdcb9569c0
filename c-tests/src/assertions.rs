//! Writes a C file that fails to compile unless sizes, offsets, types, numbers and signatures are the described ones.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::abi::Abi;

/// The C11 source, for everything described that is not pending.
pub fn source(abi: &Abi, pending: &BTreeSet<String>) -> String {
    let mut text = String::from(
        "/* Generated from abi/abi.json and abi/additions.json. */\n\
         #include \"zova_extension_host.h\"\n\
         #define SAME(expression, type) _Generic((expression), type: 1, default: 0)\n",
    );
    for (name, members) in &abi.enums {
        assert(&mut text, &format!("sizeof({name}) == 4"), &format!("{name} has the size of int"));
        for (constant, value) in members {
            assert(&mut text, &format!("{constant} == {value}"), &format!("{constant} is {value}"));
        }
    }
    for (constant, value) in &abi.constants {
        assert(&mut text, &format!("{constant} == {value}"), &format!("{constant} is {value}"));
    }
    for (name, layout) in abi.structs.iter().filter(|(name, _)| !pending.contains(*name)) {
        assert(&mut text, &format!("sizeof({name}) == {}", layout.size), &format!("size of {name}"));
        assert(&mut text, &format!("_Alignof({name}) == {}", layout.align), &format!("alignment of {name}"));
        for field in &layout.fields {
            let path = format!("{name}.{}", field.name);
            let offset = format!("offsetof({name}, {}) == {}", field.name, field.offset);
            assert(&mut text, &offset, &format!("offset of {path}"));
            let size = format!("sizeof((({name} *)0)->{}) == {}", field.name, field.size);
            assert(&mut text, &size, &format!("size of {path}"));
            let same = format!("SAME(&(({name} *)0)->{}, {})", field.name, pointer_to(&field.ty));
            assert(&mut text, &same, &format!("{path} is {}", field.ty));
        }
    }
    for function in abi.functions.iter().filter(|function| !pending.contains(&function.name)) {
        let types: Vec<&str> = function.params.iter().map(|(_, ty)| ty.as_str()).collect();
        let params = if types.is_empty() { "void".to_owned() } else { types.join(", ") };
        let pointer = format!("{} (*)({params})", function.returns);
        assert(
            &mut text,
            &format!("SAME(&{}, {pointer})", function.name),
            &format!("type of {}", function.name),
        );
    }
    text
}

fn assert(text: &mut String, condition: &str, message: &str) {
    writeln!(text, "_Static_assert({condition}, \"{message}\");").expect("a String takes all text");
}

/// `T *` for a type T, arrays and function pointers included.
fn pointer_to(ty: &str) -> String {
    if ty.contains("(*)") {
        return ty.replacen("(*)", "(**)", 1);
    }
    match ty.split_once('[') {
        Some((element, length)) => format!("{element} (*)[{length}"),
        None => format!("{ty} *"),
    }
}
