//! Paths in schedules: they start where the file is that names them.

/// The path of `other` as written in the file at `path`.
pub(super) fn beside(path: &str, other: &str) -> String {
    match path.rfind('/') {
        Some(at) if !other.starts_with('/') => clean(&format!("{}/{other}", &path[..at])),
        _ => clean(other),
    }
}

/// The path without `.`, and without `..` where a folder before it can be left out.
pub(super) fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            "" if !parts.is_empty() => {}
            ".." if !matches!(parts.last(), None | Some(&("" | ".."))) => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}
