//! The addresses of the API and their methods, as `template.yaml` routes them.

/// Each path with the methods that it has. A part in braces stands for any text.
const ROUTES: [(&str, &[&str]); 15] = [
    ("/books", &["GET", "POST"]),
    ("/books/{id}", &["GET", "PUT", "PATCH", "DELETE"]),
    ("/books/{id}/stock", &["POST"]),
    ("/books/{id}/cover-uploads", &["POST"]),
    ("/books/{id}/cover-uploads/{uploadId}", &["GET"]),
    ("/books/{id}/reviews", &["GET"]),
    ("/books/{id}/review", &["GET", "PUT", "DELETE"]),
    ("/categories", &["GET"]),
    ("/orders", &["GET", "POST"]),
    ("/orders/{id}", &["GET"]),
    ("/orders/{id}/cancel", &["POST"]),
    ("/admin/orders", &["GET"]),
    ("/admin/orders/{id}", &["GET"]),
    ("/admin/orders/{id}/process", &["POST"]),
    ("/admin/orders/{id}/cancel", &["POST"]),
];

/// The methods of this path, unless it leads nowhere.
pub fn methods(path: &str) -> Option<&'static [&'static str]> {
    ROUTES.iter().find(|(route, _)| leads_to(path, route)).map(|(_, methods)| *methods)
}

fn leads_to(path: &str, route: &str) -> bool {
    let parts = |text| str::split(text, '/');
    parts(path).count() == parts(route).count()
        && parts(path).zip(parts(route)).all(
            |(part, pattern)| {
                if pattern.starts_with('{') { !part.is_empty() } else { part == pattern }
            },
        )
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, env, fs, path::Path};

    use super::*;

    #[test]
    fn a_path_leads_where_its_parts_say() {
        assert_eq!(methods("/books"), Some(["GET", "POST"].as_slice()));
        assert_eq!(methods("/books/1/stock"), Some(["POST"].as_slice()));
        assert_eq!(methods("/orders/1/cancel"), Some(["POST"].as_slice()));
        for nowhere in
            ["", "/", "/book", "/books/", "/books//stock", "/books/1/stock/", "/books/1/2", "/Books", "books"]
        {
            assert_eq!(methods(nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn the_routes_are_those_of_the_template() {
        // Asked for at run time: a cached test would look where it was built.
        let root = Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../..");
        let template = fs::read_to_string(root.join("template.yaml")).unwrap();
        let (methods, paths) = (values(&template, " Method:"), values(&template, " Path:"));
        assert_eq!(methods.len(), paths.len());
        let routed: BTreeSet<(&str, &str)> = paths.into_iter().zip(methods).collect();
        let known = ROUTES.iter().flat_map(|(path, methods)| methods.iter().map(|method| (*path, *method)));
        assert_eq!(known.collect::<BTreeSet<_>>(), routed);
    }

    /// What this key has as values, be it on a line of its own or between braces.
    fn values<'a>(template: &'a str, key: &str) -> Vec<&'a str> {
        let rest_of_lines = template.lines().filter_map(|line| line.split_once(key)).map(|(_, rest)| rest.trim());
        let value = |rest: &'a str| match rest.strip_prefix('\'') {
            Some(quoted) => quoted.split('\'').next(),
            None => rest.split([',', '}']).next(),
        };
        rest_of_lines.filter_map(value).collect()
    }
}
