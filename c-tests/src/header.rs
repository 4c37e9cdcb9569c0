//! Reads `zova.h` and `zova_extension_host.h` as a C program sees it: macros, handle types, enumerations, structs and functions, each with the
//! fact whether a doc comment stands before it. Anything else in the header is an error, so nothing hides there.
//!
//! Regions for C++ (`#ifdef __cplusplus`) are skipped; all other conditional regions are read.

/// A declared name with its documentation.
#[derive(Debug, PartialEq)]
pub struct Named {
    /// The name.
    pub name: String,
    /// Whether a doc comment stands directly before it.
    pub documented: bool,
}

/// An enumeration, named or not.
#[derive(Debug)]
pub struct Enumeration {
    /// `None` for an unnamed one.
    pub name: Option<String>,
    /// Whether it has a doc comment.
    pub documented: bool,
    /// Its constants with their values.
    pub members: Vec<(Named, i64)>,
}

/// A struct with fields.
#[derive(Debug)]
pub struct Struct {
    /// Name and documentation.
    pub named: Named,
    /// Fields in order, with their types.
    pub fields: Vec<(Named, String)>,
}

/// A function.
#[derive(Debug)]
pub struct Function {
    /// Name and documentation.
    pub named: Named,
    /// Its return type.
    pub returns: String,
    /// Its parameters: name and type.
    pub params: Vec<(String, String)>,
}

/// Everything that a header declares.
#[derive(Debug, Default)]
pub struct Header {
    /// Included files, with their brackets.
    pub includes: Vec<String>,
    /// Macros with their texts.
    pub macros: Vec<(String, String)>,
    /// Structs that are declared and never defined.
    pub opaque: Vec<Named>,
    /// Enumerations.
    pub enums: Vec<Enumeration>,
    /// Structs.
    pub structs: Vec<Struct>,
    /// Functions.
    pub functions: Vec<Function>,
}

impl Header {
    /// Reads and parses the committed headers: `zova.h`, with what `zova_extension_host.h` adds to it.
    pub fn load() -> Result<Header, String> {
        let read = |name: &str| {
            let path = crate::paths::include().join(name);
            let text = std::fs::read_to_string(&path)
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            parse(&text).map_err(|error| format!("{name}, {error}"))
        };
        let mut header = read("zova.h")?;
        let host = read("zova_extension_host.h")?;
        if host.includes != ["\"zova.h\"", "\"zova_extension.h\""] || host.macros.len() != 1 {
            return Err(format!(
                "zova_extension_host.h includes {:?} and defines {:?}",
                host.includes, host.macros
            ));
        }
        header.opaque.extend(host.opaque);
        header.enums.extend(host.enums);
        header.structs.extend(host.structs);
        header.functions.extend(host.functions);
        Ok(header)
    }
}

/// One spelling per type: words and stars separated by single blanks, without `struct` and `enum`.
pub fn canonical_type(ty: &str) -> String {
    let mut words = Vec::new();
    let mut word = String::new();
    for letter in ty.chars() {
        if letter.is_alphanumeric() || letter == '_' {
            word.push(letter);
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if !letter.is_whitespace() {
            words.push(letter.to_string());
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty() && word != "struct" && word != "enum");
    words.join(" ")
}

/// Parses the text of a header.
pub fn parse(text: &str) -> Result<Header, String> {
    let mut header = Header::default();
    let tokens = tokenize(text, &mut header)?;
    Parser { tokens: &tokens, next: 0, header: &mut header }.declarations()?;
    let defined: Vec<String> = header.structs.iter().map(|item| item.named.name.clone()).collect();
    header.opaque.retain(|item| !defined.contains(&item.name));
    Ok(header)
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Doc,
    Word(String),
    Mark(char),
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    line: usize,
}

/// An open `#if`. Both branches are read, except those for C++.
struct Condition {
    reads: bool,
    reads_else: bool,
}

fn reading(conditions: &[Condition]) -> bool {
    conditions.iter().all(|condition| condition.reads)
}

/// Splits the text into tokens; directives go to the header, comments that document nothing are dropped.
fn tokenize(text: &str, header: &mut Header) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut line = 1;
    let mut fresh_line = true;
    let mut conditions: Vec<Condition> = Vec::new();
    while let Some(first) = rest.chars().next() {
        let length;
        if first == '#' && fresh_line {
            length = directive_length(rest);
            directive(&rest[..length], header, &mut conditions)
                .map_err(|error| format!("line {line}: {error}"))?;
        } else if rest.starts_with("/*") {
            length = rest.find("*/").ok_or_else(|| format!("line {line}: a comment does not end"))? + 2;
            if (rest.starts_with("/**") || rest.starts_with("/*!")) && length > 5 && reading(&conditions) {
                tokens.push(Token { kind: Kind::Doc, line });
            }
        } else if rest.starts_with("//") {
            length = rest.find('\n').unwrap_or(rest.len());
            if rest.starts_with("///") && reading(&conditions) {
                tokens.push(Token { kind: Kind::Doc, line });
            }
        } else if first.is_whitespace() {
            length = first.len_utf8();
        } else {
            let word = |letter: char| letter.is_alphanumeric() || letter == '_';
            let kind = if word(first) {
                length = rest.find(|letter| !word(letter)).unwrap_or(rest.len());
                Kind::Word(rest[..length].to_owned())
            } else {
                length = first.len_utf8();
                Kind::Mark(first)
            };
            if reading(&conditions) {
                tokens.push(Token { kind, line });
            }
        }
        let (taken, after) = rest.split_at(length);
        fresh_line = if first.is_whitespace() { fresh_line || first == '\n' } else { taken.contains('\n') };
        line += taken.matches('\n').count();
        rest = after;
    }
    if conditions.is_empty() { Ok(tokens) } else { Err("an #if does not end".to_owned()) }
}

/// A directive ends at the first line break that no backslash continues.
fn directive_length(text: &str) -> usize {
    let mut from = 0;
    while let Some(end) = text[from..].find('\n') {
        if !text[..from + end].ends_with('\\') {
            return from + end;
        }
        from += end + 1;
    }
    text.len()
}

fn directive(text: &str, header: &mut Header, conditions: &mut Vec<Condition>) -> Result<(), String> {
    let text = text[1..].trim_start().replace("\\\n", " ");
    let text = text.split("//").next().unwrap_or_default().split("/*").next().unwrap_or_default();
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let read = reading(conditions);
    match name {
        "ifdef" | "if" | "ifndef" => {
            let cxx = rest == "__cplusplus" || rest == "defined(__cplusplus)";
            conditions
                .push(Condition { reads: !cxx || name == "ifndef", reads_else: !cxx || name != "ifndef" });
        }
        "elif" => {}
        "else" => {
            let last = conditions.last_mut().ok_or("#else without #if")?;
            last.reads = last.reads_else;
        }
        "endif" => {
            conditions.pop().ok_or("#endif without #if")?;
        }
        "include" if read => header.includes.push(rest.to_owned()),
        "define" if read => {
            let (name, value) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            header.macros.push((name.to_owned(), value.trim().to_owned()));
        }
        "include" | "define" | "pragma" | "undef" => {}
        _ => return Err(format!("unknown directive #{name}")),
    }
    Ok(())
}

struct Parser<'t> {
    tokens: &'t [Token],
    next: usize,
    header: &'t mut Header,
}

impl Parser<'_> {
    fn declarations(&mut self) -> Result<(), String> {
        while self.next < self.tokens.len() {
            let documented = self.docs();
            let start = self.next;
            if start == self.tokens.len() {
                break;
            }
            self.declaration(documented).map_err(|error| {
                let line = self.tokens.get(start).map_or(0, |token| token.line);
                format!("declaration at line {line}: {error}")
            })?;
        }
        Ok(())
    }

    fn declaration(&mut self, documented: bool) -> Result<(), String> {
        let typedef = self.take_word("typedef");
        if self.take_word("struct") {
            let tag = self.word()?;
            if self.take_mark('{') {
                let fields = self.fields()?;
                let name = if typedef { self.word()? } else { tag.clone() };
                if name != tag {
                    return Err(format!("struct {tag} has the other name {name}"));
                }
                self.header.structs.push(Struct { named: Named { name, documented }, fields });
                return self.mark(';');
            }
            if self.take_mark(';') {
                self.header.opaque.push(Named { name: tag, documented });
                return Ok(());
            }
            let name = self.word()?;
            if !typedef || name != tag {
                return Err(format!("struct {tag} is not declared under its own name"));
            }
            self.header.opaque.push(Named { name, documented });
            return self.mark(';');
        }
        if self.take_word("enum") {
            let tag = if self.peek_mark('{') { None } else { Some(self.word()?) };
            if typedef && tag.is_some() && !self.peek_mark('{') {
                return self.enumeration_alias(tag.as_deref());
            }
            self.mark('{')?;
            let members = self.enumerators()?;
            let alias = if typedef { Some(self.word()?) } else { None };
            if tag.is_some() && alias.is_some() && tag != alias {
                return Err("an enumeration has two names".to_owned());
            }
            self.header.enums.push(Enumeration { name: alias.or(tag), documented, members });
            return self.mark(';');
        }
        if typedef {
            return Err("a typedef that is neither a struct nor an enumeration".to_owned());
        }
        self.function(documented)
    }

    /// `typedef enum x x;` after `enum x {…};` adds nothing.
    fn enumeration_alias(&mut self, tag: Option<&str>) -> Result<(), String> {
        let name = self.word()?;
        let known = self.header.enums.iter().any(|item| item.name.as_deref() == Some(name.as_str()));
        if tag != Some(name.as_str()) || !known {
            return Err(format!("{name} names another enumeration"));
        }
        self.mark(';')
    }

    fn fields(&mut self) -> Result<Vec<(Named, String)>, String> {
        let mut fields = Vec::new();
        loop {
            let documented = self.docs();
            if self.take_mark('}') {
                return Ok(fields);
            }
            let tokens = self.until(';')?;
            let (name, ty) = declarator(&tokens)?;
            fields.push((Named { name, documented }, ty));
        }
    }

    fn enumerators(&mut self) -> Result<Vec<(Named, i64)>, String> {
        let mut members = Vec::new();
        let mut value = 0;
        loop {
            let documented = self.docs();
            if self.take_mark('}') {
                return Ok(members);
            }
            let name = self.word()?;
            if self.take_mark('=') {
                let negative = self.take_mark('-');
                value = number(&self.word()?)?;
                if negative {
                    value = -value;
                }
            }
            members.push((Named { name, documented }, value));
            value += 1;
            if !self.take_mark(',') && !self.peek_mark('}') {
                return Err("an enumerator is followed by something else".to_owned());
            }
        }
    }

    fn function(&mut self, documented: bool) -> Result<(), String> {
        self.take_word("ZOVA_API");
        self.take_word("extern");
        let tokens = self.until(';')?;
        let open = tokens.iter().position(|token| *token == Kind::Mark('(')).ok_or("not a declaration")?;
        if tokens.last() != Some(&Kind::Mark(')')) {
            return Err("not a function".to_owned());
        }
        let (name, returns) = declarator(&tokens[..open])?;
        let list = &tokens[open + 1..tokens.len() - 1];
        let mut params = Vec::new();
        if !list.is_empty() && list != [Kind::Word("void".to_owned())] {
            for param in list.split(|token| *token == Kind::Mark(',')) {
                params.push(declarator(param)?);
            }
        }
        self.header.functions.push(Function { named: Named { name, documented }, returns, params });
        Ok(())
    }

    fn docs(&mut self) -> bool {
        let start = self.next;
        while self.tokens.get(self.next).is_some_and(|token| token.kind == Kind::Doc) {
            self.next += 1;
        }
        self.next > start
    }

    fn until(&mut self, end: char) -> Result<Vec<Kind>, String> {
        let mut kinds = Vec::new();
        while let Some(token) = self.tokens.get(self.next) {
            self.next += 1;
            match &token.kind {
                Kind::Mark(mark) if *mark == end => return Ok(kinds),
                Kind::Doc => {}
                kind => kinds.push(kind.clone()),
            }
        }
        Err(format!("{end:?} is missing"))
    }

    fn peek_mark(&self, mark: char) -> bool {
        self.tokens.get(self.next).is_some_and(|token| token.kind == Kind::Mark(mark))
    }

    fn take_mark(&mut self, mark: char) -> bool {
        let found = self.peek_mark(mark);
        self.next += usize::from(found);
        found
    }

    fn mark(&mut self, mark: char) -> Result<(), String> {
        if self.take_mark(mark) { Ok(()) } else { Err(format!("{mark:?} is missing")) }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.tokens.get(self.next).is_some_and(|token| token.kind == Kind::Word(word.to_owned()));
        self.next += usize::from(found);
        found
    }

    fn word(&mut self) -> Result<String, String> {
        match self.tokens.get(self.next).map(|token| &token.kind) {
            Some(Kind::Word(word)) => {
                self.next += 1;
                Ok(word.clone())
            }
            other => Err(format!("a name is missing before {other:?}")),
        }
    }
}

/// Splits `const char *name`, `uint8_t name[32]` or `int (*name)(size_t len)` into name and type.
fn declarator(tokens: &[Kind]) -> Result<(String, String), String> {
    if let Some(open) = tokens.windows(2).position(|pair| pair == [Kind::Mark('('), Kind::Mark('*')]) {
        return function_pointer(&tokens[..open], &tokens[open..]);
    }
    let array = tokens.iter().position(|token| *token == Kind::Mark('[')).unwrap_or(tokens.len());
    let (head, tail) = tokens.split_at(array);
    let Some((Kind::Word(name), ty)) = head.split_last() else {
        return Err(format!("no name in {tokens:?}"));
    };
    if ty.is_empty() || tokens.contains(&Kind::Mark(',')) || tokens.contains(&Kind::Mark(':')) {
        return Err(format!("not a plain declaration of {name}"));
    }
    let mut text = String::new();
    for token in ty.iter().chain(tail) {
        match token {
            Kind::Word(word) => text.push_str(&format!(" {word}")),
            Kind::Mark(mark) => text.push_str(&format!(" {mark}")),
            Kind::Doc => {}
        }
    }
    Ok((name.clone(), canonical_type(&text)))
}

/// `(*name)(parameters)` behind the type it returns; the names of the parameters are no part of the type.
fn function_pointer(returns: &[Kind], rest: &[Kind]) -> Result<(String, String), String> {
    let [_, _, Kind::Word(name), Kind::Mark(')'), Kind::Mark('('), list @ .., Kind::Mark(')')] = rest else {
        return Err(format!("not a plain function pointer: {rest:?}"));
    };
    let mut params = Vec::new();
    for param in list.split(|token| *token == Kind::Mark(',')) {
        params.push(declarator(param)?.1);
    }
    // A name to split off, as in every declaration.
    let named: Vec<Kind> = returns.iter().cloned().chain([Kind::Word(name.clone())]).collect();
    Ok((name.clone(), canonical_type(&format!("{} (*)({})", declarator(&named)?.1, params.join(", ")))))
}

fn number(text: &str) -> Result<i64, String> {
    let digits = text.trim_end_matches(['u', 'U', 'l', 'L']);
    let parsed = match digits.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    parsed.map_err(|_| format!("{text} is no number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r#"
/* not documentation */
#ifndef SAMPLE_H
#define SAMPLE_H
#include <stdint.h>
/** The answer. */
#define SAMPLE_ANSWER 42
#ifdef __cplusplus
extern "C" {
#endif
/** A handle. */
typedef struct sample sample;
/** Colors. */
typedef enum color {
  /** Red. */
  COLOR_RED = 1,
  COLOR_GREEN,
} color;
enum {
  /// A flag.
  FLAG = 0x10u,
};
/** A request. */
typedef struct request {
  /** The handle. */
  struct sample *db;
  const char *const *names; uint8_t bytes[32];
  int (*watch)(uint64_t done, void *user);
} request;
/** Does it. */
SAMPLE_NOTHING
#if 0
#endif
;
"#;

    #[test]
    fn a_header_is_read_with_its_documentation() {
        let text = SAMPLE
            .replace("SAMPLE_NOTHING", "color do_it(const request *request, size_t n);\nvoid stop(void)");
        let header = parse(&(text + "#ifdef __cplusplus\n}\n#endif\n#endif\n")).unwrap();
        assert_eq!(header.includes, ["<stdint.h>"]);
        assert_eq!(header.macros[1], ("SAMPLE_ANSWER".to_owned(), "42".to_owned()));
        assert_eq!(header.opaque, [Named { name: "sample".to_owned(), documented: true }]);
        let members: Vec<_> =
            header.enums[0].members.iter().map(|(named, value)| (named.documented, *value)).collect();
        assert_eq!(members, [(true, 1), (false, 2)]);
        assert_eq!((header.enums[1].name.as_deref(), header.enums[1].members[0].1), (None, 16));
        let fields: Vec<_> = header.structs[0].fields.iter().map(|(_, ty)| ty.as_str()).collect();
        let watch = canonical_type("int (*)(uint64_t, void *)");
        assert_eq!(fields, ["sample *", "const char * const *", "uint8_t [ 32 ]", &watch]);
        assert_eq!(header.functions[0].params[0], ("request".to_owned(), "const request *".to_owned()));
        assert!(header.functions[0].named.documented);
        assert!(!header.functions[1].named.documented);
    }

    #[test]
    fn what_is_no_declaration_of_an_interface_is_an_error() {
        for text in [
            "int counter;",
            "typedef int number;",
            "struct a { int b : 3; };",
            "typedef struct a b;",
            "#error x",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn types_have_one_spelling() {
        assert_eq!(canonical_type("const char *const *"), canonical_type("const  char*const*"));
        assert_eq!(canonical_type("struct zova_buffer *"), "zova_buffer *");
        assert_eq!(canonical_type("uint8_t[32]"), "uint8_t [ 32 ]");
    }
}
