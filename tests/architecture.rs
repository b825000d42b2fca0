//! The modules of the crate and of the command depend on each other in one direction, and their files form no cycle.
//!
//! A file depends on another if it names an item of it by a path, in a `use` or elsewhere; re-exports are followed to the
//! file that defines the item. `mod` declarations, a module's re-exports of its children, comments, strings and code under
//! `#[cfg(test)]` are not dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A row of modules is a layer. A module may use the layers before its own, but no other module of its layer.
type Layers = &'static [&'static [&'static str]];

const CRATE: Layers = &[
    &["spec"],
    &["machine"],
    &["wire"],
    &["track"],
    &["conformance", "endpoint"],
    // An answer contains its endpoint.
    &["client"],
    // `simulate` names its faults by the rules of `conformance`.
    &["simulate", "export"],
];

const COMMAND: Layers = &[&["text"], &["input"], &["pipeline"], &["report"], &["commands"]];

/// The module whose files may form cycles: its tables name the message types, which are generated from the tables.
const CYCLIC: &str = "wire";

#[test]
fn the_crate_depends_downwards() {
    let mut tree = Tree::read(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    tree.cyclic = Some(CYCLIC);
    assert_eq!(tree.violations(CRATE), [""; 0]);
}

#[test]
fn the_command_depends_downwards() {
    assert_eq!(Tree::read(concat!(env!("CARGO_MANIFEST_DIR"), "/cli/src")).violations(COMMAND), [""; 0]);
}

/// The violations in a tree of two layers, `low` below `high`.
fn violations(sources: &[(&str, &str)]) -> Vec<String> {
    Tree::new(sources.iter().copied()).violations(&[&["low"], &["high", "beside"]])
}

#[test]
fn upward_paths_are_found() {
    let upward = ["low.rs:2: uses high/part.rs, but the order is low < high, beside"];
    let high = ("high/mod.rs", "mod part;\npub use part::Thing as Renamed;\npub use self::part::Thing;");
    let part = ("high/part.rs", "pub struct Thing;\nimpl Thing {}");
    for source in [
        "\nuse crate::high::Thing;",
        "\npub(crate) use crate::{self as root, high::{part::Thing}};\nfn f() { crate::high::Thing; }",
        "\nuse super::high::Renamed;",
        "\nfn f(_: crate::high::part::Thing) {}",
        "fn f() {\nlet _ = \"//\"; crate::high::Thing::new('\"', b\"\") }",
        "use crate::high;\nfn f<'a>(_: &'a str) { high::Thing::new() }",
        "mod inner {\nuse super::super::high::Thing; }",
        "#[cfg(test)]\nuse crate::high::Thing; use crate::high::Thing;",
    ] {
        let found = violations(&[high, part, ("low.rs", source)]);
        let found: Vec<_> = found.iter().filter(|found| found.contains("part.rs")).collect();
        assert_eq!(found, upward, "{source}");
    }
}

#[test]
fn downward_paths_comments_and_tests_are_no_violations() {
    let found = violations(&[
        ("lib.rs", "mod low; mod high; pub use high::Thing; pub use low::Base;"),
        (
            "low.rs",
            "//! See [`crate::high`].\n/* use crate::high; */ pub struct Base(&'static str);\n\
            const TEXT: &str = r#\"\"crate::high::Thing\"#; use serde::high;\n\
            #[cfg(test)] mod tests { use crate::high::Thing; }\n#[cfg(test)] use crate::high::Thing;",
        ),
        ("high/mod.rs", "mod a;\nmod b;\npub use self::a::Thing;\npub use self::b::Other;"),
        ("high/a.rs", "use super::Other; use crate::Base; pub struct Thing(Other, Base);"),
        ("high/b.rs", "pub struct Other;"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn siblings_and_unknown_modules_are_found() {
    let found =
        violations(&[("high.rs", "use crate::beside::x;"), ("beside.rs", "fn x() {}"), ("new.rs", "")]);
    let expected = [
        "new.rs: the module is in no layer",
        "high.rs:1: uses beside.rs, but the order is low < high, beside",
    ];
    assert_eq!(found, expected);
}

#[test]
fn cycles_between_files_are_found() {
    let found = violations(&[
        ("low/mod.rs", "mod a;\nmod b;\nmod c;\npub use self::a::A;\npub use self::c::C;\npub struct Own;"),
        ("low/a.rs", "use super::b::B;\npub struct A;"),
        ("low/b.rs", "\nuse super::C;\npub struct B;"),
        ("low/c.rs", "use super::{Own, A};\npub struct C;"),
    ]);
    assert_eq!(
        found,
        ["a cycle: low/a.rs:1 uses low/b.rs, low/b.rs:2 uses low/c.rs, low/c.rs:1 uses low/a.rs"]
    );
    let found = violations(&[
        ("low/mod.rs", "mod a;\nfn f() { a::g() }\npub struct Own;"),
        ("low/a.rs", "use super::Own;\npub fn g() {}"),
    ]);
    assert_eq!(found, ["a cycle: low/mod.rs:2 uses low/a.rs, low/a.rs:1 uses low/mod.rs"]);
}

/// The module of a file: `["wire", "json"]` for `wire/json.rs`, nothing for `lib.rs`.
type Module = Vec<String>;

/// A path in the source, its first segment `crate`, `self` or `super`.
struct Reference {
    path: Vec<String>,
    line: usize,
    is_reexport: bool,
}

#[derive(Default)]
struct File {
    name: String,
    references: Vec<Reference>,
    /// The target of each name that the file imports or re-exports; `*` has the targets of globs.
    names: BTreeMap<String, Vec<Vec<String>>>,
    /// The names of the items that the file defines.
    items: BTreeSet<String>,
}

struct Tree {
    files: BTreeMap<Module, File>,
    /// A module whose files may form cycles among themselves.
    cyclic: Option<&'static str>,
}

impl Tree {
    fn read(root: &str) -> Self {
        let mut sources = Vec::new();
        collect(Path::new(root), "", &mut sources);
        Self::new(sources.iter().map(|(name, text)| (name.as_str(), text.as_str())))
    }

    fn new<'s>(sources: impl IntoIterator<Item = (&'s str, &'s str)>) -> Self {
        let files = sources.into_iter().filter_map(|(name, text)| {
            let mut module: Module = name.strip_suffix(".rs")?.split('/').map(str::to_owned).collect();
            if module.last().is_some_and(|last| ["mod", "lib"].contains(&last.as_str())) {
                module.pop();
            }
            Some((module, File::parse(name, text)))
        });
        Self { files: files.collect(), cyclic: None }
    }

    /// The file that defines the item of a path in a module, with re-exports followed; `None` if it is not of this crate.
    fn resolve(&self, from: &Module, path: &[String], depth: usize) -> Option<&Module> {
        let mut module = from.clone();
        let mut segments = path.iter();
        for segment in segments.by_ref() {
            match segment.as_str() {
                "crate" => module.clear(),
                "self" => {}
                "super" => _ = module.pop(),
                name => {
                    module.push(name.to_owned());
                    if self.files.contains_key(&module) {
                        continue;
                    }
                    module.pop();
                    return self.defining(&module, name, segments.as_slice(), depth);
                }
            }
        }
        self.files.get_key_value(&module).map(|(module, _)| module)
    }

    fn defining(&self, module: &Module, name: &str, rest: &[String], depth: usize) -> Option<&Module> {
        let (module, file) = self.files.get_key_value(module)?;
        if depth == 0 || file.items.contains(name) {
            return Some(module);
        }
        if let Some(target) = file.names.get(name).and_then(|targets| targets.first()) {
            let path: Vec<_> = target.iter().chain(rest).cloned().collect();
            return self.resolve(module, &path, depth - 1);
        }
        let globs = file.names.get("*").into_iter().flatten();
        let mut defining = globs.filter_map(|target| self.resolve(module, target, depth - 1));
        defining.find(|target| self.files[*target].items.contains(name)).or(Some(module))
    }

    /// The files that each file depends on, each with the line of the first reference.
    fn edges(&self) -> BTreeMap<&Module, BTreeMap<&Module, usize>> {
        let mut edges = BTreeMap::new();
        for (module, file) in &self.files {
            let mut targets = BTreeMap::new();
            for Reference { path, line, is_reexport } in &file.references {
                // A module may re-export what it contains.
                let counts = |target: &&Module| {
                    *target != module && !(*is_reexport && target.starts_with(module.as_slice()))
                };
                if let Some(target) = self.resolve(module, path, 8).filter(counts) {
                    targets.entry(target).or_insert(*line);
                }
            }
            edges.insert(module, targets);
        }
        edges
    }

    fn violations(&self, layers: Layers) -> Vec<String> {
        let edges = self.edges();
        let mut all = Vec::new();
        let layer_of = |module: &Module| {
            let name = module.first()?;
            layers.iter().position(|layer| layer.contains(&name.as_str()))
        };
        for module in self.files.keys().filter(|module| !is_root(module) && layer_of(module).is_none()) {
            all.push(format!("{}: the module is in no layer", self.files[module].name));
        }
        for (from, targets) in &edges {
            let Some(layer) = layer_of(from) else { continue };
            for (to, line) in targets {
                let is_upward = match layer_of(to) {
                    None => true,
                    Some(of_target) => of_target > layer || of_target == layer && from[0] != to[0],
                };
                if is_upward {
                    let layers: Vec<_> = layers.iter().map(|layer| layer.join(", ")).collect();
                    let (name, target) = (&self.files[*from].name, &self.files[*to].name);
                    all.push(format!(
                        "{name}:{line}: uses {target}, but the order is {}",
                        layers.join(" < ")
                    ));
                }
            }
        }
        all.extend(self.cycles(&edges));
        all
    }

    /// A shortest cycle through each file that is in one, each cycle once.
    fn cycles(&self, edges: &BTreeMap<&Module, BTreeMap<&Module, usize>>) -> BTreeSet<String> {
        let mut cycles = BTreeSet::new();
        let mut known = BTreeSet::new();
        for &start in edges.keys() {
            let mut previous: BTreeMap<&Module, &Module> = BTreeMap::new();
            let mut queue = vec![start];
            let mut next = 0;
            while let Some(&from) = queue.get(next).filter(|_| !previous.contains_key(start)) {
                next += 1;
                let may_form_cycle = |to: &Module| {
                    let is_in = |module: &Module| module.first().map(String::as_str) == self.cyclic;
                    self.cyclic.is_some() && is_in(from) && is_in(to)
                };
                for &to in edges[from].keys() {
                    if !previous.contains_key(to) && !may_form_cycle(to) {
                        previous.insert(to, from);
                        queue.push(to);
                    }
                }
            }
            let Some(mut from) = previous.get(start).copied() else { continue };
            let mut steps = vec![(from, start)];
            while from != start {
                let before = previous[from];
                steps.push((before, from));
                from = before;
            }
            steps.reverse();
            let members: BTreeSet<_> = steps.iter().map(|(from, _)| *from).collect();
            if known.insert(members) {
                let step = |(from, to): &(&Module, &Module)| {
                    format!("{}:{} uses {}", self.files[*from].name, edges[*from][*to], self.files[*to].name)
                };
                cycles.insert(format!("a cycle: {}", steps.iter().map(step).collect::<Vec<_>>().join(", ")));
            }
        }
        cycles
    }
}

/// Whether the module is a crate root: the file of the library or of a binary.
fn is_root(module: &Module) -> bool {
    module.is_empty() || module == &["main"]
}

/// Collects the files below a directory, except tests, with their paths in it.
fn collect(directory: &Path, prefix: &str, sources: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(directory).expect("the directory can be read") {
        let path = entry.expect("the directory can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("the name is text");
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !name.ends_with("tests.rs") {
            let text = std::fs::read_to_string(&path).expect("the file can be read");
            sources.push((format!("{prefix}{name}"), text));
        }
    }
}

impl File {
    fn parse(name: &str, text: &str) -> Self {
        let mut parser = Parser { tokens: tokens(text), at: 0, module: Vec::new(), file: Self::default() };
        name.clone_into(&mut parser.file.name);
        parser.block();
        parser.file
    }
}

/// An identifier or a punctuation character, and its line.
type Token = (String, usize);

/// The tokens of a source without comments, strings, characters, lifetimes and numbers.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(char) = rest.chars().next() {
        let length = match char {
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            'r' | 'b' if raw_string(rest).is_some() => raw_string(rest).unwrap_or(1),
            '"' => string(rest),
            '\'' => character_or_lifetime(rest),
            _ if char.is_alphanumeric() || char == '_' => {
                let length = rest.find(|char: char| !char.is_alphanumeric() && char != '_');
                let word = &rest[..length.unwrap_or(rest.len())];
                if !char.is_ascii_digit() {
                    tokens.push((word.to_owned(), line));
                }
                word.len()
            }
            _ => {
                if !char.is_whitespace() {
                    tokens.push((char.to_string(), line));
                }
                char.len_utf8()
            }
        };
        let (passed, after) = rest.split_at(length);
        line += passed.matches('\n').count();
        rest = after;
    }
    tokens
}

/// The length of a raw string that the text begins with.
fn raw_string(text: &str) -> Option<usize> {
    let quoted = text.strip_prefix('b').unwrap_or(text).strip_prefix('r')?;
    let hashes = quoted.len() - quoted.trim_start_matches('#').len();
    let content = quoted[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = content.find(&end).map_or(content.len(), |at| at + end.len());
    Some(text.len() - content.len() + length)
}

fn string(text: &str) -> usize {
    let mut is_escaped = true;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if !is_escaped => return at + 1,
            b'\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    text.len()
}

fn character_or_lifetime(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let after = at + escaped.len_utf8();
            text[after..].find('\'').map_or(text.len(), |end| after + end + 1)
        }
        (_, Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// The inline modules around the current token.
    module: Vec<String>,
    file: File,
}

impl Parser {
    fn peek(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", |(token, _)| token)
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |(_, line)| *line)
    }

    /// Reads up to the end of the block that the current token is in.
    fn block(&mut self) {
        let mut is_public = false;
        while self.at < self.tokens.len() {
            match self.peek(0) {
                "}" => return,
                "{" => {
                    self.at += 1;
                    self.block();
                }
                "#" => {
                    let is_test =
                        ["[", "cfg", "(", "test", ")"].iter().zip(1..).all(|(t, n)| self.peek(n) == *t);
                    self.at += 1;
                    self.skip_group();
                    if is_test {
                        self.skip_item();
                    }
                    continue;
                }
                "pub" => {
                    is_public = true;
                    self.at += 1;
                    if self.peek(0) == "(" {
                        self.skip_group();
                    }
                    continue;
                }
                "use" => {
                    let line = self.line();
                    self.at += 1;
                    self.use_tree(&mut Vec::new(), is_public, line);
                }
                "mod" if self.peek(2) == "{" => {
                    self.module.push(self.peek(1).to_owned());
                    self.at += 3;
                    self.block();
                    self.module.pop();
                }
                "struct" | "enum" | "union" | "trait" | "type" | "fn" | "const" | "static" => {
                    let name = if self.peek(1) == "mut" { self.peek(2) } else { self.peek(1) }.to_owned();
                    self.file.items.insert(name);
                }
                "macro_rules" => _ = self.file.items.insert(self.peek(2).to_owned()),
                first if is_word(first) && self.peek(1) == ":" && self.peek(2) == ":" => {
                    let line = self.line();
                    let is_relative = !["crate", "self", "super"].contains(&first);
                    let mut path = vec![first.to_owned()];
                    if is_relative {
                        path.insert(0, "self".into());
                    }
                    while self.peek(1) == ":" && self.peek(2) == ":" && is_word(self.peek(3)) {
                        path.push(self.peek(3).to_owned());
                        self.at += 3;
                    }
                    self.reference(path, line, false);
                }
                _ => {}
            }
            is_public = false;
            self.at += 1;
        }
    }

    /// Reads a `use` tree up to the token that ends it.
    fn use_tree(&mut self, prefix: &mut Vec<String>, is_public: bool, line: usize) {
        let length = prefix.len();
        loop {
            match self.peek(0) {
                "{" => {
                    self.at += 1;
                    while self.peek(0) != "}" && self.at < self.tokens.len() {
                        self.use_tree(prefix, is_public, line);
                        // A comma, or a token that no `use` has.
                        if self.peek(0) != "}" {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    break;
                }
                ":" => {}
                "," | "}" | ";" | "" => {
                    let name = prefix.last().cloned().unwrap_or_default();
                    self.import(&name, prefix, is_public, line);
                    break;
                }
                "as" => {
                    let name = self.peek(1).to_owned();
                    self.import(&name, prefix, is_public, line);
                    self.at += 2;
                    break;
                }
                segment => prefix.push(segment.to_owned()),
            }
            self.at += 1;
        }
        prefix.truncate(length);
    }

    fn import(&mut self, name: &str, path: &[String], is_public: bool, line: usize) {
        let mut path = path.to_vec();
        if path.len() > 1 && matches!(name, "self" | "*") {
            path.pop();
        }
        let Some(first) = path.first() else { return };
        if !["crate", "self", "super"].contains(&first.as_str()) {
            // A path into another crate, or a child module named without `self`.
            path.insert(0, "self".into());
        }
        let name = if name == "self" { path.last().cloned().unwrap_or_default() } else { name.to_owned() };
        self.reference(path.clone(), line, is_public);
        self.file.names.entry(name).or_default().push(path);
    }

    fn reference(&mut self, mut path: Vec<String>, line: usize, is_reexport: bool) {
        // In an inline module, `super` is a module of the same file.
        let mut inline = self.module.len();
        while inline > 0 && path.first().is_some_and(|first| first == "super") {
            path[0] = "self".into();
            inline -= 1;
            if path.get(1).is_some_and(|second| second == "super") {
                path.remove(0);
            }
        }
        self.file.references.push(Reference { path, line, is_reexport });
    }

    /// Skips a group in brackets, from before its opening bracket.
    fn skip_group(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.tokens.len() {
            match self.peek(0) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if depth == 0 && !matches!(self.peek(0), "!" | "[") {
                return;
            }
        }
    }

    /// Skips an item: up to its semicolon, or to the end of its block.
    fn skip_item(&mut self) {
        while self.at < self.tokens.len() {
            match self.peek(0) {
                ";" => {
                    self.at += 1;
                    return;
                }
                "{" => return self.skip_group(),
                "#" => {
                    self.at += 1;
                    self.skip_group();
                }
                _ => self.at += 1,
            }
        }
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|char: char| char.is_alphabetic() || char == '_')
}
