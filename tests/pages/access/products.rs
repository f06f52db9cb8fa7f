//! The rows of the pages on which a bank keeps its products.

/// As the matrix beside it. `PA`, `PC` and `PD` are bank A's, `PC` and `PD` drafts; `PB` is another bank's.
pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                          ano own mem rea oth bka bkb off els dep sci adm
    (
        "GET",
        "/bank/new-product",
        "401 404 404 404 404 200 200 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/new-product",
        "401 404 404 404 404 200 200 404 404 404 404 404",
    ),
    (
        "GET",
        "/bank/products/PA/edit",
        "401 404 404 404 404 200 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/bank/products/PB/edit",
        "401 404 404 404 404 404 200 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/products/PA/edit",
        "401 404 404 404 404 200 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/products/PB/edit",
        "401 404 404 404 404 404 200 404 404 404 404 404",
    ),
    (
        "GET",
        "/bank/products/PD/publish",
        "401 404 404 404 404 200 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/bank/products/PB/publish",
        "401 404 404 404 404 404 303 404 404 404 404 404",
    ),
    // Of an edition that is not there: nothing is published.
    (
        "POST",
        "/bank/products/PD/publish",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/products/PB/publish",
        "401 404 404 404 404 404 303 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/products/PA/simulate",
        "401 404 404 404 404 200 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/products/PB/simulate",
        "401 404 404 404 404 404 200 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/products/PA/confirm",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/products/PA/suspend",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/products/PA/resume",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/products/PC/close",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/products/PB/close",
        "401 404 404 404 404 404 303 404 404 404 404 404",
    ),
];

/// What the rows send.
pub fn fields(path: &str) -> Option<&'static [(&'static str, &'static str)]> {
    match path.strip_prefix("/bank/")?.rsplit('/').next()? {
        "new-product" | "edit" => Some(&[("name", "示例"), ("go", "add:fees")]),
        "publish" => Some(&[("edition", "99")]),
        "simulate" | "confirm" | "suspend" | "resume" | "close" => Some(&[]),
        _ => None,
    }
}
