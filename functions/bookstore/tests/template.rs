//! The pipeline finds the binary of a function by the name of its folder, `sam build` by the name in the template.

use std::{collections::BTreeSet, env, fs, path::Path};

#[test]
fn each_function_has_one_name() {
    // Asked for at run time: each build in AWS has its sources elsewhere, and a cached test would look where it was built.
    let root = Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../..");
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
