//! Tokens of a tree, and the comments and line feeds between them.

use super::super::grammar::{Node, Rule};

/// A word, number, operator or mark, as written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub rule: Rule,
    pub text: &'a str,
    /// Byte offset into the file.
    pub start: usize,
}

/// What stands between two tokens.
#[derive(Debug, Default)]
pub(super) struct Gap<'a> {
    /// The comment behind the first token, on its line.
    pub trailing: Option<&'a str>,
    /// Comments on lines of their own, and whether an empty line comes before each.
    pub comments: Vec<(bool, &'a str)>,
    /// Whether an empty line comes right before the second token.
    pub blank: bool,
}

/// The tokens of a node, in order.
pub(super) fn tokens<'a>(node: &Node<'a>) -> Vec<Token<'a>> {
    let mut found = Vec::new();
    collect(node.clone(), &mut found);
    found
}

fn collect<'a>(node: Node<'a>, found: &mut Vec<Token<'a>>) {
    let (rule, text, start) = (node.as_rule(), node.as_str(), node.as_span().start());
    let mut inner = node.into_inner().peekable();
    if rule == Rule::string || inner.peek().is_none() {
        let text = bare(rule, text);
        if !text.is_empty() {
            found.push(Token { rule, text, start });
        }
        return;
    }
    // As deep as parentheses nest, which the parser limits.
    for part in inner {
        collect(part, found);
    }
}

/// A token without the blanks, line feeds and comments that its rule may take in behind it.
fn bare(rule: Rule, text: &str) -> &str {
    let length = match rule {
        Rule::open | Rule::close | Rule::assign | Rule::comma | Rule::left | Rule::right => 1,
        _ => text.len(),
    };
    text.get(..length).unwrap_or(text).trim_end()
}

/// Takes the text between two tokens apart. At the start of the file there is no first token's line.
pub(super) fn gap(text: &str, at_start: bool) -> Gap<'_> {
    let mut found = Gap::default();
    let mut blank = false;
    let mut lines = lines(text).enumerate().peekable();
    while let Some((at, line)) = lines.next() {
        let line = line.trim();
        let behind = at == 0 && !at_start;
        if line.starts_with('#') {
            if behind {
                found.trailing = Some(line);
            } else {
                found.comments.push((blank, line));
            }
            blank = false;
        } else if !behind && lines.peek().is_some() {
            blank = true;
        }
    }
    found.blank = blank;
    found
}

/// Lines, whatever ends them: the grammar takes `\n`, `\r\n` and `\r`.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n')
        .flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}
