//! Turns the description of the interface into Rust source that compiles only if the interface is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::{Map, Value};

/// `rust-api.json`, the published surface and the required additions taken together.
pub(crate) struct Description {
    pub(crate) json: Value,
    types: BTreeMap<String, Value>,
    pointers: BTreeMap<String, String>,
}

impl Description {
    pub(crate) fn new(json: Value) -> Self {
        let additions = &json["required_additions"];
        let mut types: BTreeMap<String, Value> = BTreeMap::new();
        for (name, definition) in object(&json["types"]).iter().chain(object(&additions["types"])) {
            merge(types.entry(name.clone()).or_insert_with(|| Value::Object(Map::new())), definition);
        }
        let mut pointers: BTreeMap<String, String> = object(&json["fn_pointers"])
            .iter()
            .chain(object(&additions["fn_pointers"]))
            .map(|(path, pointer)| (path.clone(), text(pointer).to_owned()))
            .collect();
        // The published crate could not name this type, so its methods have no pointers of their own.
        for method in object(&types["SharedGuardStatement"]["methods"]).keys() {
            let pointer =
                pointers[&format!("Statement::{method}")].replace("Statement<", "SharedGuardStatement<");
            pointers.insert(format!("SharedGuardStatement::{method}"), pointer);
        }
        // The description has the signature of this method, but not its pointer.
        pointers
            .insert("ObjectReader::size".to_owned(), "fn(&zova::ObjectReader<'static>) -> u64".to_owned());
        Self { json, types, pointers }
    }

    pub(crate) fn types(&self) -> &BTreeMap<String, Value> {
        &self.types
    }

    pub(crate) fn pointers(&self) -> &BTreeMap<String, String> {
        &self.pointers
    }

    /// Every name that can be pending: exports, types, functions, constants and methods.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let mut names: BTreeSet<String> = self.exports().into_iter().collect();
        names.extend(self.pointers.keys().cloned());
        for (name, definition) in &self.types {
            names.extend(implemented(definition).iter().map(|what| format!("{name}: {what}")));
        }
        names
    }

    /// What must be nameable at the root: the published exports and everything that was added since.
    fn exports(&self) -> Vec<String> {
        let mut exports: BTreeSet<String> =
            array(&self.json["exports"]).iter().map(|name| text(name).to_owned()).collect();
        exports.extend(self.types.keys().cloned());
        exports.extend(self.pointers.keys().filter(|path| !path.contains("::")).cloned());
        exports.into_iter().collect()
    }
}

/// `pending.txt`: one name per line, under a line `# why it is pending`.
pub(crate) struct Pending(Vec<(String, String)>);

impl Pending {
    pub(crate) fn parse(text: &str) -> Self {
        let mut names = Vec::new();
        let mut reason = String::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match line.strip_prefix('#') {
                Some(text) => reason = text.trim().to_owned(),
                None => names.push((line.to_owned(), reason.clone())),
            }
        }
        Self(names)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    pub(crate) fn reason(&self, name: &str) -> &str {
        self.0.iter().find(|(listed, _)| listed == name).map_or("", |(_, reason)| reason)
    }

    /// True for a listed name, a method of a listed type, and a function of a listed module.
    fn has(&self, name: &str) -> bool {
        self.names().any(|listed| listed == name)
            || name.split_once("::").is_some_and(|(owner, _)| self.names().any(|listed| listed == owner))
    }
}

const HEAD: &str = "\
//! Generated from `tests/data/rust-api.json` and `tests/data/pending.txt` by the test target `api`; not edited by hand.
//!
//! That this file compiles is the check: names, signatures, fields, variants, traits, variance and borrows.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused, clippy::all)]

use std::any::{type_name, type_name_of_val};
use std::path::Path;
";

pub(crate) fn generate(description: &Description, pending: &Pending) -> String {
    let mut out = HEAD.to_owned();
    exports(&mut out, description, pending);
    for (name, definition) in &description.types {
        if name != "Result" && !pending.has(name) {
            shape(&mut out, name, definition);
            implementations(&mut out, name, definition, pending);
        }
    }
    pointers(&mut out, description, pending);
    statuses(&mut out, description);
    constants(&mut out, description, pending);
    absences(&mut out, description, pending);
    out
}

fn exports(out: &mut String, description: &Description, pending: &Pending) {
    out.push_str("\nmod exports {\n");
    for name in description.exports().iter().filter(|name| !pending.has(name)) {
        line(out, 1, format_args!("use zova::{name} as _;"));
    }
    out.push_str("}\n");
}

/// Structs are taken apart and rebuilt, enums are matched.
fn shape(out: &mut String, name: &str, definition: &Value) {
    let path = path_of(name, definition, "'static");
    let open = definition["non_exhaustive"] == Value::Bool(true);
    if let Some(fields) = definition["fields"].as_object() {
        let names: Vec<&str> = fields.keys().map(String::as_str).collect();
        let pattern = names.join(", ") + if open { ", .." } else { "" };
        line(out, 0, format_args!("\nfn fields_of_{}(value: {path}) {{", snake(name)));
        line(out, 1, format_args!("let zova::{name} {{ {pattern} }} = value;"));
        for (field, field_type) in fields {
            let field_type = qualified(text(field_type)).replace("'a", "'static");
            line(out, 1, format_args!("let {field}: {field_type} = {field};"));
        }
        if !open {
            line(out, 1, format_args!("let _ = zova::{name} {{ {} }};", names.join(", ")));
        }
        out.push_str("}\n");
    }
    if let Some(variants) = definition["variants"].as_array() {
        line(out, 0, format_args!("\nfn variants_of_{}(value: {path}) {{", snake(name)));
        line(out, 1, "match value {");
        for variant in variants {
            variant_arm(out, name, text(variant));
        }
        if open {
            line(out, 2, "_ => {}");
        }
        line(out, 1, "}");
        out.push_str("}\n");
    }
}

fn variant_arm(out: &mut String, name: &str, variant: &str) {
    if let Some((variant, types)) = variant.split_once('(') {
        let inner = qualified(types.trim_end_matches(')'));
        line(out, 2, format_args!("zova::{name}::{variant}(inner) => {{ let _: {inner} = inner; }}"));
    } else if let Some((variant, fields)) = variant.split_once('{') {
        let fields: Vec<(&str, &str)> = fields
            .trim_end_matches('}')
            .split(',')
            .map(|field| field.split_once(':').expect("a field and its type"))
            .map(|(field, field_type)| (field.trim(), field_type.trim()))
            .collect();
        let names: Vec<&str> = fields.iter().map(|(field, _)| *field).collect();
        let uses: String =
            fields.iter().map(|(field, t)| format!("let _: {} = {field}; ", qualified(t))).collect();
        let (variant, names) = (variant.trim(), names.join(", "));
        line(out, 2, format_args!("zova::{name}::{variant} {{ {names} }} => {{ {uses}}}"));
    } else {
        line(out, 2, format_args!("zova::{name}::{variant} => {{}}"));
    }
}

/// Traits, conversions, variance and the end of the borrow.
fn implementations(out: &mut String, name: &str, definition: &Value, pending: &Pending) {
    let path = path_of(name, definition, "'static");
    let checks: Vec<String> = implemented(definition)
        .into_iter()
        .filter(|what| !pending.has(&format!("{name}: {what}")))
        .map(|what| bound_of(&what))
        .collect();
    line(out, 0, format_args!("\nfn traits_of_{}() {{", snake(name)));
    for (at, bound) in checks.iter().enumerate() {
        line(out, 1, format_args!("fn check{at}<T: {bound}>() {{}}"));
        line(out, 1, format_args!("check{at}::<{path}>();"));
    }
    out.push_str("}\n");
    if definition["covariant"] == Value::Bool(true) {
        let short = path_of(name, definition, "'short");
        line(
            out,
            0,
            format_args!("\nfn shrinks_{}<'short>(value: {path}) -> {short} {{ value }}", snake(name)),
        );
    }
    if definition["borrow_ends"] == "last use" {
        assert_eq!(name, "Statement", "teach the generator how to get a {name}");
        out.push_str(
            "
fn borrow_of_statement_ends_at_its_last_use(db: &mut zova::Database) -> zova::Result<()> {
    let mut statement = db.prepare(\"select 1\")?;
    statement.step()?;
    db.exec(\"select 2\")
}
",
        );
    }
}

/// The traits and conversions a type must have.
fn implemented(definition: &Value) -> Vec<String> {
    let mut all: BTreeSet<String> = BTreeSet::new();
    match &definition["traits"] {
        Value::Object(marked) => {
            all.extend(
                marked.iter().filter(|(_, holds)| **holds == Value::Bool(true)).map(|(t, _)| t.clone()),
            );
        }
        Value::Array(listed) => all.extend(listed.iter().map(|t| text(t).to_owned())),
        _ => {}
    }
    for key in ["derives", "impls", "added_traits"] {
        all.extend(definition[key].as_array().into_iter().flatten().map(|t| text(t).to_owned()));
    }
    all.into_iter().collect()
}

fn bound_of(what: &str) -> String {
    match what {
        "Send" | "Sync" | "Unpin" | "Copy" | "Clone" | "PartialEq" | "Eq" | "Default" => what.to_owned(),
        "UnwindSafe" | "RefUnwindSafe" => format!("std::panic::{what}"),
        "Debug" | "Display" => format!("std::fmt::{what}"),
        "Hash" => "std::hash::Hash".to_owned(),
        "Error" => "std::error::Error".to_owned(),
        "From<NulError>" => "From<std::ffi::NulError>".to_owned(),
        "TryFrom<&[u8]> (Error = zova::Error)" => "for<'b> TryFrom<&'b [u8], Error = zova::Error>".to_owned(),
        "FromStr (Err = zova::Error)" => "std::str::FromStr<Err = zova::Error>".to_owned(),
        conversion if conversion.starts_with("AsRef<") || conversion.starts_with("From<[") => what.to_owned(),
        path if path.starts_with("std::") => what.to_owned(),
        other => panic!("teach the generator the trait {other}"),
    }
}

fn pointers(out: &mut String, description: &Description, pending: &Pending) {
    out.push_str("\nfn signatures() {\n");
    for (path, pointer) in description.pointers.iter().filter(|(path, _)| !pending.has(path)) {
        line(out, 1, format_args!("let _: {pointer} = zova::{path};"));
    }
    out.push_str("}\n");
}

fn statuses(out: &mut String, description: &Description) {
    out.push_str("\n#[test]\nfn added_statuses_have_their_numbers() {\n");
    for (variant, code) in object(&description.json["additional_statuses"]) {
        line(out, 1, format_args!("assert_eq!(zova::Status::{variant}.raw(), {code});"));
        line(out, 1, format_args!("assert_eq!(zova::Status::from_raw({code}), zova::Status::{variant});"));
    }
    out.push_str("}\n");
}

fn constants(out: &mut String, description: &Description, pending: &Pending) {
    out.push_str("\n#[test]\nfn constants_have_their_values() {\n");
    for (name, constant) in object(&description.json["constants"]) {
        if !pending.has(name) {
            let value = &constant["value"];
            line(out, 1, format_args!("let constant: {} = zova::{name};", text(&constant["type"])));
            line(out, 1, format_args!("assert_eq!(constant, {value});"));
        }
    }
    out.push_str("}\n");
}

/// Pending names must not exist yet. A name that the crate lacks is found in the outer scope, or in a trait, instead.
/// (A pending item with `impl` arguments that exists makes the file fail to compile at its line.)
fn absences(out: &mut String, description: &Description, pending: &Pending) {
    let roots: Vec<&str> = pending.names().filter(|name| !name.contains(':')).collect();
    let modules: BTreeMap<&str, Vec<&str>> = pending
        .names()
        .filter(|name| name.starts_with("diagnostics::"))
        .filter_map(|name| name.split_once("::"))
        .fold(BTreeMap::new(), |mut modules, (module, function)| {
            modules.entry(module).or_default().push(function);
            modules
        });
    let methods: Vec<(&str, &str)> = pending
        .names()
        .filter_map(|name| name.split_once("::"))
        .filter(|(owner, _)| description.types.contains_key(*owner))
        .collect();

    out.push_str("\nmod absent {\n");
    for name in &roots {
        match name.chars().next() {
            Some(first) if first.is_lowercase() => line(out, 1, format_args!("pub(crate) fn {name}() {{}}")),
            _ if *name == name.to_uppercase() => {
                line(out, 1, format_args!("pub(crate) const {name}: Missing = Missing;"));
            }
            _ => line(out, 1, format_args!("pub(crate) struct {name};")),
        }
    }
    for (module, functions) in &modules {
        line(out, 1, format_args!("pub(crate) mod {module} {{"));
        for function in functions {
            line(out, 2, format_args!("pub(crate) fn {function}() {{}}"));
        }
        line(out, 1, "}");
    }
    line(out, 1, "pub(crate) struct Missing;");
    out.push_str("}\n\ntrait Absent {\n");
    let names: BTreeSet<&str> = methods.iter().map(|(_, method)| *method).collect();
    for method in names {
        line(out, 1, format_args!("fn {method}() {{}}"));
    }
    out.push_str("}\n");
    let owners: BTreeSet<&str> = methods.iter().map(|(owner, _)| *owner).collect();
    for owner in owners {
        let path = path_of(owner, &description.types[owner], "'_");
        line(out, 0, format_args!("impl Absent for {path} {{}}"));
    }

    out.push_str("\nuse absent::*;\n\n#[test]\nfn what_is_listed_as_pending_does_not_exist_yet() {\n");
    line(out, 1, "#[allow(unused_imports)]\n    use zova::*;");
    line(out, 1, "let mut built = Vec::new();");
    line(out, 1, "let mut check = |name: &'static str, found: &str| {");
    line(out, 2, "if !found.contains(\"absent\") && !found.contains(\"Absent\") { built.push(name); }");
    line(out, 1, "};");
    for name in &roots {
        let is_value = name.starts_with(char::is_lowercase) || *name == name.to_uppercase();
        let probe =
            if is_value { format!("type_name_of_val(&{name})") } else { format!("type_name::<{name}>()") };
        line(out, 1, format_args!("check({name:?}, {probe});"));
    }
    for (module, functions) in &modules {
        for function in functions {
            let path = format!("{module}::{function}");
            line(out, 1, format_args!("check({path:?}, type_name_of_val(&{path}));"));
        }
    }
    for (owner, method) in &methods {
        let path = format!("{owner}::{method}");
        line(out, 1, format_args!("check({path:?}, type_name_of_val(&zova::{path}));"));
    }
    line(
        out,
        1,
        "assert!(built.is_empty(), \"these exist: remove them from tests/data/pending.txt: {built:?}\");",
    );
    out.push_str("}\n");
}

/// The type with its lifetime, if it has one.
fn path_of(name: &str, definition: &Value, lifetime: &str) -> String {
    match definition["generics"].as_str() {
        None => format!("zova::{name}"),
        Some(_) => format!("zova::{name}<{lifetime}>"),
    }
}

/// A type of the description with the crate's names in full.
fn qualified(description: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for character in description.chars().chain(['\n']) {
        if character.is_alphanumeric() || character == '_' {
            word.push(character);
            continue;
        }
        let known = ["String", "Option", "Vec", "Path", "Result"].contains(&word.as_str());
        if word.starts_with(char::is_uppercase) && !known {
            out.push_str("zova::");
        }
        out.push_str(&word);
        word.clear();
        if character != '\n' {
            out.push(character);
        }
    }
    out
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(character.to_lowercase());
    }
    out
}

/// Adds what the additions say about a type to what is published about it.
fn merge(known: &mut Value, more: &Value) {
    let known = known.as_object_mut().expect("an object");
    for (key, value) in object(more) {
        match (known.get_mut(key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => old.extend(new.clone()),
            // The published traits are marked one by one; the additions list theirs.
            (Some(Value::Object(_)), Value::Array(_)) if key == "traits" => {
                known.insert("added_traits".to_owned(), value.clone());
            }
            (Some(Value::Array(old)), Value::Array(new)) => old.extend(new.clone()),
            // Also for the one type that the published crate did not export.
            (None, _) | (Some(Value::Bool(false)), Value::Bool(true)) => {
                known.insert(key.clone(), value.clone());
            }
            (Some(old), new) => assert_eq!(old, new, "{key} is described twice"),
        }
    }
}

fn line(out: &mut String, depth: usize, text: impl std::fmt::Display) {
    writeln!(out, "{:width$}{text}", "", width = 4 * depth).expect("writing to a string");
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("an object, not {value}"))
}

fn array(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("an array, not {value}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}"))
}
