//! Compares the header with the described interface, in both directions, and looks for missing documentation.

use std::collections::BTreeSet;

use crate::abi::Abi;
use crate::header::{Header, Named, canonical_type};

/// Every difference, one sentence each; empty when the header is exactly what the descriptions say.
pub fn differences(header: &Header, abi: &Abi, pending: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    preprocessor(header, abi, &mut found);
    enumerations(header, abi, &mut found);
    types(header, abi, pending, &mut found);
    functions(header, abi, pending, &mut found);
    found
}

/// Every public item without a doc comment.
pub fn undocumented(header: &Header) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = |what: &str, named: &Named| {
        if !named.documented {
            found.push(format!("{what} {} has no doc comment", named.name));
        }
    };
    for item in &header.opaque {
        check("handle type", item);
    }
    for item in &header.enums {
        if let Some(name) = &item.name {
            check("enumeration", &Named { name: name.clone(), documented: item.documented });
        }
        for (member, _) in &item.members {
            check("enumerator", member);
        }
    }
    for item in &header.structs {
        check("struct", &item.named);
        for (field, _) in &item.fields {
            let name = format!("{}.{}", item.named.name, field.name);
            check("field", &Named { name, documented: field.documented });
        }
    }
    for item in &header.functions {
        check("function", &item.named);
    }
    found
}

fn preprocessor(header: &Header, abi: &Abi, found: &mut Vec<String>) {
    let mut includes = header.includes.clone();
    includes.sort();
    if includes != ["<stddef.h>", "<stdint.h>"] {
        found.push(format!("the header includes {includes:?} instead of <stddef.h> and <stdint.h>"));
    }
    for (name, value) in &header.macros {
        match abi.macros.get(name) {
            None if name == "ZOVA_H" => {}
            None => found.push(format!("the macro {name} is in no description")),
            Some(Some(expected)) if expected != value => {
                found.push(format!("the macro {name} is {value} instead of {expected}"));
            }
            Some(_) => {}
        }
    }
    for name in abi.macros.keys().map(String::as_str).chain(["ZOVA_H"]) {
        if !header.macros.iter().any(|(declared, _)| declared == name) {
            found.push(format!("the macro {name} is not defined"));
        }
    }
}

fn enumerations(header: &Header, abi: &Abi, found: &mut Vec<String>) {
    let mut unnamed = BTreeSet::new();
    for item in &header.enums {
        let members: Vec<(&str, i64)> =
            item.members.iter().map(|(named, value)| (named.name.as_str(), *value)).collect();
        let described = match &item.name {
            None => {
                unnamed.extend(members.iter().map(|(name, _)| (*name).to_owned()));
                &abi.constants
            }
            Some(name) => match abi.enums.get(name) {
                Some(described) => {
                    for constant in described.keys().filter(|key| members.iter().all(|(have, _)| have != key))
                    {
                        found.push(format!("{name} lacks {constant}"));
                    }
                    described
                }
                None => {
                    found.push(format!("the enumeration {name} is in no description"));
                    continue;
                }
            },
        };
        for (constant, value) in members {
            match described.get(constant) {
                None => found.push(format!("the enumerator {constant} is in no description")),
                Some(expected) if *expected != value => {
                    found.push(format!("{constant} is {value} instead of {expected}"));
                }
                Some(_) => {}
            }
        }
    }
    for name in abi.enums.keys() {
        if !header.enums.iter().any(|item| item.name.as_ref() == Some(name)) {
            found.push(format!("the enumeration {name} is not declared"));
        }
    }
    for name in abi.constants.keys().filter(|name| !unnamed.contains(*name)) {
        found.push(format!("the constant {name} is not declared"));
    }
}

fn types(header: &Header, abi: &Abi, pending: &BTreeSet<String>, found: &mut Vec<String>) {
    let opaque = header.opaque.iter().map(|item| item.name.as_str());
    names("handle type", opaque, abi.opaque.iter().map(String::as_str), pending, found);
    let structs = header.structs.iter().map(|item| item.named.name.as_str());
    names("struct", structs, abi.structs.keys().map(String::as_str), pending, found);
    for item in &header.structs {
        let name = &item.named.name;
        let Some(layout) = abi.structs.get(name) else { continue };
        let expected: Vec<(String, String)> =
            layout.fields.iter().map(|field| (field.name.clone(), canonical_type(&field.ty))).collect();
        let declared: Vec<(String, String)> =
            item.fields.iter().map(|(field, ty)| (field.name.clone(), ty.clone())).collect();
        if expected != declared {
            found.push(format!("the fields of {name} are {declared:?} instead of {expected:?}"));
        }
    }
}

fn functions(header: &Header, abi: &Abi, pending: &BTreeSet<String>, found: &mut Vec<String>) {
    let declared = header.functions.iter().map(|item| item.named.name.as_str());
    names("function", declared, abi.functions.iter().map(|item| item.name.as_str()), pending, found);
    for item in &header.functions {
        let name = &item.named.name;
        let Some(described) = abi.functions.iter().find(|function| function.name == *name) else { continue };
        let returns = canonical_type(&described.returns);
        if returns != item.returns {
            found.push(format!("{name} returns {} instead of {returns}", item.returns));
        }
        let params: Vec<(String, String)> =
            described.params.iter().map(|(param, ty)| (param.clone(), canonical_type(ty))).collect();
        if params != item.params {
            found.push(format!("the parameters of {name} are {:?} instead of {params:?}", item.params));
        }
    }
}

/// Declared against described: nothing undescribed, nothing missing but what is pending, nothing pending declared.
fn names<'n>(
    what: &str,
    declared: impl Iterator<Item = &'n str>,
    described: impl Iterator<Item = &'n str>,
    pending: &BTreeSet<String>,
    found: &mut Vec<String>,
) {
    let declared: Vec<&str> = declared.collect();
    let described: BTreeSet<&str> = described.collect();
    for (index, name) in declared.iter().enumerate() {
        if declared[..index].contains(name) {
            found.push(format!("the {what} {name} is declared twice"));
        }
        if !described.contains(name) {
            found.push(format!("the {what} {name} is in no description"));
        }
        if pending.contains(*name) {
            found.push(format!("the {what} {name} is declared and still listed in abi/pending.txt"));
        }
    }
    for name in described {
        if !declared.contains(&name) && !pending.contains(name) {
            found.push(format!("the {what} {name} is neither declared nor listed in abi/pending.txt"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::parse;

    #[test]
    fn a_wrong_an_extra_and_a_missing_item_are_each_found() {
        let (abi, mut pending) = Abi::load().unwrap();
        pending.insert("zova_subscription".to_owned());
        let text = "/** x */ typedef struct zova_text { /** y */ char *data; int len; } zova_text;
            enum { ZOVA_OPEN_READ_ONLY = 2 }; void zova_extra(void); void zova_text_free(zova_buffer *text);
            typedef struct zova_subscription zova_subscription;";
        let found = differences(&parse(text).unwrap(), &abi, &pending);
        for expected in [
            "the fields of zova_text are",
            "ZOVA_OPEN_READ_ONLY is 2 instead of 1",
            "the function zova_extra is in no description",
            "the parameters of zova_text_free are",
            "the handle type zova_subscription is declared and still listed",
            "the function zova_buffer_free is neither declared nor listed",
            "the macro ZOVA_VERSION_MAJOR is not defined",
            "the enumeration zova_status is not declared",
            "the constant ZOVA_BACKUP_NO_VERIFY is not declared",
            "the struct zova_buffer is neither declared nor listed",
        ] {
            assert!(found.iter().any(|line| line.contains(expected)), "{expected}: {found:#?}");
        }
        let silent = undocumented(&parse(text).unwrap());
        assert!(silent.contains(&"field zova_text.len has no doc comment".to_owned()), "{silent:?}");
        assert!(!silent.contains(&"field zova_text.data has no doc comment".to_owned()), "{silent:?}");
    }
}
