//! Proposals that hold blocks of others, too.

use super::{case, check};

#[test]
fn held() {
    const SOME: &[&str] = &["--scenario", "mulmod/255-bit", "--scenario", "add/chain"];
    let with = |arguments: &[&'static str]| [arguments, SOME].concat();
    let held = "fixtures/targets/held.gas";
    check(
        "held",
        &[
            case("included", &with(&["propose", held])),
            case(
                "of-another-fork",
                &with(&[
                    "propose",
                    held,
                    "--fixtures",
                    "fixtures/eest/stateless.json",
                ]),
            ),
            case("none-chosen", &with(&["propose", held, "--include", "1M-"])),
            case(
                "none-there",
                &with(&["propose", held, "--fixtures", "fixtures/eest/nowhere.json"]),
            ),
            case(
                "none-to-choose-from",
                &with(&["propose", "fixtures/targets/easy.gas", "--include", "1M-"]),
            ),
        ],
    );
}
