//! The pipeline finds the binary of a function by the name of its folder, `sam build` by the name in the template.

use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn each_function_has_one_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let template = fs::read_to_string(root.join("template.yaml")).unwrap();
    let values = |key: &str| -> Vec<String> {
        template.lines().filter_map(|line| line.trim().strip_prefix(key)).map(|value| value.trim().to_owned()).collect()
    };
    let binaries = values("Binary:");
    let folders = values("CodeUri:");
    assert_eq!(folders, binaries.iter().map(|name| format!("functions/{name}/")).collect::<Vec<_>>());

    let crates: BTreeSet<String> = fs::read_dir(root.join("functions"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("src/main.rs").exists())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(binaries.into_iter().collect::<BTreeSet<_>>(), crates);
}
