//! The interface as data: `abi/abi.json` (fixed), `abi/additions.json` (what goes beyond) and `abi/pending.txt`
//! (what of the fixed interface the header does not declare yet).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::paths;

/// A field of a struct.
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its C type, as in `abi.json`.
    pub ty: String,
    /// Its offset in bytes.
    pub offset: u64,
    /// Its size in bytes.
    pub size: u64,
}

/// The layout of a struct.
pub struct Layout {
    /// Its size in bytes.
    pub size: u64,
    /// Its alignment in bytes.
    pub align: u64,
    /// Its fields in order.
    pub fields: Vec<Field>,
}

/// A function.
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its return type.
    pub returns: String,
    /// Its parameters: name and type.
    pub params: Vec<(String, String)>,
}

/// What one description file holds, or several merged.
#[derive(Default)]
pub struct Abi {
    /// Handle types.
    pub opaque: BTreeSet<String>,
    /// Enumeration → constant → value.
    pub enums: BTreeMap<String, BTreeMap<String, i64>>,
    /// Flag constants of unnamed enumerations.
    pub constants: BTreeMap<String, i64>,
    /// Macro → text, or any text.
    pub macros: BTreeMap<String, Option<String>>,
    /// Struct → layout.
    pub structs: BTreeMap<String, Layout>,
    /// Functions in order.
    pub functions: Vec<Function>,
    /// Status → names that its diagnostics may begin with.
    pub error_names: BTreeMap<String, Vec<String>>,
    /// Container → its free function.
    pub frees: BTreeMap<String, String>,
    /// Request → pointer fields that may be null.
    pub nullable: BTreeMap<String, BTreeSet<String>>,
    /// Struct → data pointer → its length field.
    pub lengths: BTreeMap<String, BTreeMap<String, String>>,
    /// Request → output field → class.
    pub outputs: BTreeMap<String, BTreeMap<String, String>>,
}

impl Abi {
    /// The fixed interface and the additions, and the names that are not declared yet.
    pub fn load() -> Result<(Abi, BTreeSet<String>), String> {
        let mut abi = Abi::default();
        abi.merge(&read("abi.json")?)?;
        abi.merge(&read("additions.json")?)?;
        let text = text("pending.txt")?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let pending: BTreeSet<String> = lines.map(str::to_owned).collect();
        if let Some(name) = pending.iter().find(|name| !abi.knows(name)) {
            return Err(format!("abi/pending.txt names {name}, which no description defines"));
        }
        Ok((abi, pending))
    }

    fn knows(&self, name: &str) -> bool {
        self.opaque.contains(name)
            || self.structs.contains_key(name)
            || self.functions.iter().any(|function| function.name == name)
    }

    fn merge(&mut self, root: &Value) -> Result<(), String> {
        for name in array(root, "opaque")? {
            self.opaque.insert(string(name)?);
        }
        for (name, members) in object(root, "enums")? {
            let enumeration = self.enums.entry(name.clone()).or_default();
            for (constant, value) in members.as_object().ok_or("an enumeration is no object")? {
                enumeration.insert(constant.clone(), integer(value)?);
            }
        }
        for (name, value) in object(root, "constants")? {
            self.constants.insert(name.clone(), integer(value)?);
        }
        if root.get("macros").is_some() {
            for (name, value) in object(root, "macros")? {
                self.macros.insert(name.clone(), value.as_str().map(str::to_owned));
            }
        }
        for (name, value) in object(root, "structs")? {
            self.structs.insert(name.clone(), layout(value)?);
        }
        for value in array(root, "functions")? {
            self.functions.push(function(value)?);
        }
        for (name, value) in object(root, "error_names")? {
            let names = value.as_array().ok_or("error_names: no array")?;
            self.error_names.insert(name.clone(), names.iter().map(string).collect::<Result<_, _>>()?);
        }
        for (name, value) in object(root, "frees")? {
            self.frees.insert(name.clone(), string(value)?);
        }
        for (name, value) in object(root, "nullable_fields")? {
            let names = value.as_array().ok_or("nullable_fields: no array")?;
            self.nullable.insert(name.clone(), names.iter().map(string).collect::<Result<_, _>>()?);
        }
        for (name, value) in object(root, "nullable_when_length_zero")? {
            self.lengths.insert(name.clone(), strings(value)?);
        }
        for (name, value) in object(root, "out_parameters")? {
            self.outputs.insert(name.clone(), strings(value)?);
        }
        Ok(())
    }
}

fn text(name: &str) -> Result<String, String> {
    let path = paths::c_tests().join("abi").join(name);
    std::fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn read(name: &str) -> Result<Value, String> {
    serde_json::from_str(&text(name)?).map_err(|error| format!("abi/{name}: {error}"))
}

fn layout(value: &Value) -> Result<Layout, String> {
    let mut fields = Vec::new();
    for field in array(value, "fields")? {
        fields.push(Field {
            name: string(member(field, "name")?)?,
            ty: string(member(field, "type")?)?,
            offset: unsigned(member(field, "offset")?)?,
            size: unsigned(member(field, "size")?)?,
        });
    }
    Ok(Layout {
        size: unsigned(member(value, "sizeof")?)?,
        align: unsigned(member(value, "alignof")?)?,
        fields,
    })
}

fn function(value: &Value) -> Result<Function, String> {
    let mut params = Vec::new();
    for param in array(value, "params")? {
        params.push((string(member(param, "name")?)?, string(member(param, "type")?)?));
    }
    Ok(Function {
        name: string(member(value, "name")?)?,
        returns: string(member(value, "returns")?)?,
        params,
    })
}

fn member<'v>(value: &'v Value, key: &str) -> Result<&'v Value, String> {
    value.get(key).ok_or_else(|| format!("the key {key} is missing"))
}

fn array<'v>(value: &'v Value, key: &str) -> Result<&'v Vec<Value>, String> {
    member(value, key)?.as_array().ok_or_else(|| format!("{key} is no array"))
}

fn object<'v>(value: &'v Value, key: &str) -> Result<&'v Map<String, Value>, String> {
    member(value, key)?.as_object().ok_or_else(|| format!("{key} is no object"))
}

fn string(value: &Value) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("{value} is no text"))
}

fn strings(value: &Value) -> Result<BTreeMap<String, String>, String> {
    let members = value.as_object().ok_or_else(|| format!("{value} is no object"))?;
    members.iter().map(|(key, value)| Ok((key.clone(), string(value)?))).collect()
}

fn integer(value: &Value) -> Result<i64, String> {
    value.as_i64().ok_or_else(|| format!("{value} is no integer"))
}

fn unsigned(value: &Value) -> Result<u64, String> {
    value.as_u64().ok_or_else(|| format!("{value} is no size"))
}
