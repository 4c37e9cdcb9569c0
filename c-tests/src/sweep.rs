//! Writes the table of the null-and-length sweep: every function that the header declares, with the role of each
//! pointer that it takes. `sweep/sweep.c` drives the table, `sweep/recipes.h` holds one valid call per function,
//! `sweep/shapes.h` the row types.
//!
//! A declared function without a recipe does not compile, and one of an unknown shape fails here, so none is left out.

use std::fmt::Write;

use crate::abi::Abi;
use crate::header::{Function, Header, canonical_type};

/// The text of `sweep_table.h`.
pub fn table(header: &Header, abi: &Abi) -> Result<String, String> {
    let mut table = Table { header, abi, text: String::new(), rows: Rows::default() };
    table.handle_kinds();
    for function in &header.functions {
        table.function(function).map_err(|error| format!("sweep of {}: {error}", function.named.name))?;
    }
    table.finish();
    Ok(table.text)
}

/// The rows of each shape of function, in header order.
#[derive(Default)]
struct Rows {
    requests: String,
    direct: String,
    texts: String,
    frees: String,
    digests: String,
}

struct Table<'h> {
    header: &'h Header,
    abi: &'h Abi,
    text: String,
    rows: Rows,
}

impl Table<'_> {
    fn handle_kinds(&mut self) {
        self.text.push_str(
            "/* Generated from zova.h, abi/abi.json and abi/additions.json. */\n#define HANDLE_KINDS(X)",
        );
        for item in &self.header.opaque {
            write!(self.text, " X({})", item.name).expect("a String takes all text");
        }
        self.text.push_str("\n#include \"sweep/shapes.h\"\n");
        for (container, free) in &self.abi.frees {
            if self.header.functions.iter().any(|function| function.named.name == *free) {
                self.line(format!(
                    "static void release_{container}(void *value) {{ {free}(({container} *)value); }}"
                ));
            }
        }
    }

    fn function(&mut self, function: &Function) -> Result<(), String> {
        let name = &function.named.name;
        let types: Vec<&str> = function.params.iter().map(|(_, ty)| ty.as_str()).collect();
        match (function.returns.as_str(), types.as_slice()) {
            ("zova_status", [request]) if request.ends_with("_request *") => self.request(name, request),
            ("zova_status", [handle]) if self.handle(handle).is_some() => {
                let kind = self.handle(handle).unwrap_or_default();
                self.line(format!(
                    "static zova_status call_{name}(void *handle) {{ return {name}(({kind} *)handle); }}"
                ));
                row(&mut self.rows.direct, &format!("{{\"{name}\", KIND_{kind}, call_{name}}}"));
                Ok(())
            }
            ("const char *", [handle]) if self.handle(handle).is_some() => {
                let kind = self.handle(handle).unwrap_or_default();
                self.line(format!(
                    "static const char *call_{name}(void *handle) {{ return {name}(({kind} *)handle); }}"
                ));
                row(&mut self.rows.texts, &format!("{{\"{name}\", KIND_{kind}, call_{name}}}"));
                Ok(())
            }
            ("void", [container]) => {
                let container = container.trim_end_matches(" *");
                if self.abi.frees.get(container) != Some(name) {
                    return Err(format!("it is not the described free function of {container}"));
                }
                self.line(format!(
                    "static void fill_any_{container}(scene *s, void *value) {{ fill_{container}(s, ({container} *)value); }}"
                ));
                row(
                    &mut self.rows.frees,
                    &format!(
                        "{{\"{name}\", sizeof({container}), release_{container}, fill_any_{container}}}"
                    ),
                );
                Ok(())
            }
            ("zova_status", ["const uint8_t *", "size_t", out]) => {
                let out = out.trim_end_matches(" *");
                self.line(format!(
                    "static zova_status call_{name}(const uint8_t *data, size_t len, void *out) {{ return {name}(data, len, ({out} *)out); }}"
                ));
                row(
                    &mut self.rows.digests,
                    &format!("{{\"{name}\", sizeof({out}), call_{name}, huge_{name}}}"),
                );
                Ok(())
            }
            // Nothing to be null.
            (_, types) if types.iter().all(|ty| !ty.contains('*')) => Ok(()),
            _ => Err("the sweep knows no function of this shape".to_owned()),
        }
    }

    fn request(&mut self, name: &str, request: &str) -> Result<(), String> {
        let request = request.trim_start_matches("const ").trim_end_matches(" *");
        let layout = self.abi.structs.get(request).ok_or_else(|| format!("{request} is not described"))?;
        let mut fields = String::new();
        let mut outputs = false;
        for field in &layout.fields {
            let Some(role) = self.role(name, request, &field.name, &canonical_type(&field.ty))? else {
                continue;
            };
            outputs |= role.contains("ROLE_OUT");
            let offset = format!("offsetof({request}, {})", field.name);
            writeln!(fields, "    {{\"{}\", {offset}, {role}}},", field.name)
                .expect("a String takes all text");
        }
        self.line(format!("static const sweep_field fields_{name}[] = {{\n{fields}}};"));
        self.line(format!(
            "static zova_status call_{name}(const void *request) {{ return {name}((const {request} *)request); }}"
        ));
        self.line(format!(
            "static void valid_any_{name}(scene *s, void *request) {{ valid_{name}(s, ({request} *)request); }}"
        ));
        let mut fault = "NULL".to_owned();
        if outputs {
            fault = format!("fault_any_{name}");
            self.line(format!(
                "static zova_status {fault}(scene *s, void *request) {{ return fault_{name}(s, ({request} *)request); }}"
            ));
        }
        row(
            &mut self.rows.requests,
            &format!(
                "{{\"{name}\", sizeof({request}), fields_{name}, sizeof fields_{name} / sizeof *fields_{name}, \
                 call_{name}, valid_any_{name}, {fault}}}"
            ),
        );
        Ok(())
    }

    /// The role of a field, with the size behind an output and the place of a length; `None` for plain values.
    fn role(&self, function: &str, request: &str, field: &str, ty: &str) -> Result<Option<String>, String> {
        let Some(target) = ty.strip_suffix('*').map(str::trim_end) else {
            return Ok(None);
        };
        let optional = self.abi.nullable.get(request).is_some_and(|fields| fields.contains(field));
        if let Some(class) = self.abi.outputs.get(request).and_then(|fields| fields.get(field)) {
            let (kind, release) = match class.as_str() {
                "handle" => {
                    let kind = self.handle(target).ok_or_else(|| format!("{target} is no handle"))?;
                    (format!("KIND_{kind}"), "NULL".to_owned())
                }
                "reset" | "replace" => ("0".to_owned(), format!("release_{target}")),
                _ => ("0".to_owned(), "NULL".to_owned()),
            };
            let class = class.to_uppercase();
            let optional = i32::from(optional);
            return Ok(Some(format!(
                "ROLE_OUT_{class}, sizeof({target}), {kind}, 0, {optional}, 0, 0, {release}"
            )));
        }
        if field.starts_with("out_") {
            return Err(format!("the output {field} has no class"));
        }
        if let Some(kind) = self.handle(target) {
            return Ok(Some(format!("ROLE_HANDLE_PLACE, 0, KIND_{kind}, 0, 0, 0, 0, NULL")));
        }
        if let Some(kind) = self.handle(ty) {
            return Ok(Some(format!("ROLE_HANDLE, 0, KIND_{kind}, 0, 0, 0, 0, NULL")));
        }
        if let Some(length) = self.abi.lengths.get(request).and_then(|fields| fields.get(field)) {
            let statuses = format!("empty_{function}_{field}, huge_{function}_{field}");
            return Ok(Some(format!("ROLE_DATA, 0, 0, offsetof({request}, {length}), 0, {statuses}, NULL")));
        }
        Ok(Some(format!("ROLE_INPUT, 0, 0, 0, {}, 0, 0, NULL", i32::from(optional))))
    }

    /// The handle type behind a pointer type.
    fn handle(&self, ty: &str) -> Option<String> {
        let name = ty.strip_suffix(" *")?;
        self.header.opaque.iter().any(|item| item.name == name).then(|| name.to_owned())
    }

    fn line(&mut self, line: String) {
        self.text.push_str(&line);
        self.text.push('\n');
    }

    fn finish(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        for (ty, name, text) in [
            ("sweep_request", "REQUESTS", &rows.requests),
            ("sweep_direct", "DIRECT", &rows.direct),
            ("sweep_text", "TEXTS", &rows.texts),
            ("sweep_free", "FREES", &rows.frees),
            ("sweep_digest", "DIGESTS", &rows.digests),
        ] {
            self.line(format!("static const {ty} {name}[] = {{\n{text}}};"));
        }
    }
}

fn row(rows: &mut String, row: &str) {
    writeln!(rows, "    {row},").expect("a String takes all text");
}
