//! What the catalog reads of peers, and what it says of mistakes in them.

use super::*;

/// A peer of the scenario of these tests.
const PEER: &str = r#"
[peer]
memory_plus_mib = 100

[[peer.variant]]
name = "broken"
title = "joblib with loky"
ends = "failed"

[[peer.variant]]
name = "broken-multiprocessing"
like = "broken"
title = "joblib with multiprocessing"
environment = "old"

[[peer.variant]]
name = "newer"
kind = "fixed"
title = "on another CPython"
python = "3.12"

[[peer.variant]]
name = "fixed"
title = "slices that live on"
memory = { factor = 2.0, times = ["array_mib"] }

[[peer.claim]]
id = "one_file_per_task"
why = "There is a header."
except = ["fixed"]
[peer.claim.bounds]
broken = { at_least = 1.0, times = ["repeats"] }
newer = { exactly = 1.0, times = ["repeats"], if_any = "slices" }

[[peer.claim]]
id = "it_fills"

[[peer.claim]]
id = "workers"
says = "The same workers do it all."
measure = { fact = "workers" }
[peer.claim.bounds]
fixed = { exactly = 2.0 }
"#;

fn with(peer: &str) -> Result<Catalog, CatalogError> {
    load(&[("slice-dup", &format!("{WHOLE}{peer}"))])
}

/// Asserts that the peer with `good` replaced by `bad` is refused with a message that ends with `message`.
#[track_caller]
fn refused_peer(good: &str, bad: &str, message: &str) {
    assert!(PEER.contains(good), "the peer does not contain {good}");
    let error = with(&PEER.replacen(good, bad, 1)).unwrap_err().to_string();
    assert!(error.contains("scenario.toml:") && error.ends_with(message), "{error}");
}

#[test]
fn what_a_peer_does_not_state_is_that_of_the_variant_that_it_is_like() {
    let catalog = with(PEER).unwrap();
    let scenario = catalog.find("slice-dup").unwrap();
    let peer = catalog.peer(scenario).unwrap();
    let variant = |name| peer.scenario.variant(name).unwrap();
    assert_eq!(peer.like["broken-multiprocessing"], "broken");
    assert_eq!((variant("broken").kind, variant("broken").ends), (Kind::Broken, Ends::Failed));
    assert_eq!(variant("broken-multiprocessing").ends, Ends::Enospc);
    let sizes = scenario.sizes("lab").unwrap();
    assert_eq!(variant("broken").limits.memory.mib(sizes), 1124.0);
    assert_eq!(variant("fixed").limits.memory.mib(sizes), 64.0);
    assert!(peer.requirements("broken").ends_with("slice-dup/peer/requirements.txt"));
    assert!(peer.requirements("broken-multiprocessing").ends_with("peer/requirements-old.txt"));
    assert_eq!((peer.python("broken"), peer.python("newer")), (None, Some("3.12")));
}

#[test]
fn a_claim_of_ours_bounds_the_variants_that_are_like_ours_unless_the_peer_says_otherwise() {
    let catalog = with(PEER).unwrap();
    let peer = catalog.peer(catalog.find("slice-dup").unwrap()).unwrap();
    let [files, fills, workers] = peer.scenario.claims.as_slice() else { panic!("three claims") };
    assert_eq!(files.says, "Every task writes its slice again.");
    assert_eq!(files.post["broken-multiprocessing"], "160 files");
    assert_eq!(files.bounds["broken"].relation, Relation::AtLeast);
    assert_eq!(files.bounds["broken-multiprocessing"].relation, Relation::Exactly);
    assert!(!files.bounds.contains_key("fixed"), "it is excepted");
    assert_eq!(files.bounds["newer"].when, Some(When::Any("slices".into())));
    assert_eq!(files.bounds["broken"].when, None);
    assert_eq!(peer.why["one_file_per_task"], "There is a header.");
    assert_eq!(fills.bounds["fixed"].against, Against::Variant { factor: 2.04, name: "broken".into() });
    assert_eq!(workers.bounds.len(), 1);
}

#[test]
fn mistakes_in_a_peer_are_answered_with_what_is_allowed() {
    refused_peer(
        "like = \"broken\"",
        "like = \"broke\"",
        "no variant is called 'broke'; did you mean 'broken'? (there is: broken, fixed)",
    );
    refused_peer(
        "like = \"broken\"\n",
        "",
        "'broken-multiprocessing' isn't like any of ours, so it needs a 'kind'",
    );
    refused_peer(
        "except = [\"fixed\"]",
        "except = [\"fxied\"]",
        "no variant is called 'fxied'; did you mean 'fixed'? (there is: broken, broken-multiprocessing, newer, fixed)",
    );
    refused_peer(
        "says = \"The same workers do it all.\"\n",
        "",
        "a claim that is none of ours has 'says', 'measure' and 'bounds', and no 'except'",
    );
    refused_peer("\"3.12\"", "\"newest\"", "'newest' isn't a version of Python such as '3.12'");
    refused_peer(
        "python = \"3.12\"",
        "python = \"3.12\"\nenvironment = \"old\"",
        "a variant has an 'environment' or a 'python', which has no libraries",
    );
    refused_peer(
        "if_any = \"slices\"",
        "if_any = \"slices\", if_none = \"slices\"",
        "a bound has 'if_any' or 'if_none', not both",
    );
    refused_peer(
        "id = \"it_fills\"",
        "id = \"it_fills\"\nsays = \"It does.\"",
        "this claim is one of ours, with its 'says' and its 'measure'",
    );
    refused_peer(
        "[[peer.variant]]\nname = \"broken\"\ntitle = \"joblib with loky\"\nends = \"failed\"\n",
        "",
        "no variant is called 'broken' (there is: broken-multiprocessing, newer, fixed)",
    );
}

#[test]
fn a_bound_against_a_variant_that_the_peer_does_not_have_is_refused() {
    let only = "\n[peer]\n[[peer.variant]]\nname = \"fixed\"\ntitle = \"alone\"\n[[peer.claim]]\nid = \"it_fills\"\n";
    let error = with(only).unwrap_err().to_string();
    assert!(error.ends_with("'it_fills' holds 'fixed' against 'broken', and the peer has none"), "{error}");
}
