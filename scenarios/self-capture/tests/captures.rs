//! What a closure holds, seen from its size.
//!
//! Since edition 2021 a closure captures the fields that it names, and not the variables that they
//! are in (the Rust reference, "Closure types").

use std::sync::Arc;

/// An engine with 1000 numbers, of which a job needs one.
struct Engine {
    history: [f64; 1000],
    step: f64,
}

impl Engine {
    fn new() -> Self {
        Engine { history: [1.0; 1000], step: 0.5 }
    }

    fn step(&self) -> f64 {
        self.step
    }
}

#[test]
fn a_field_is_captured_alone() {
    let engine = Engine::new();
    let job = move || engine.step;
    assert_eq!((job(), size_of_val(&job)), (0.5, 8));
    // The rest has stayed where it was.
    assert_eq!(engine.history.len(), 1000);
}

#[test]
fn a_method_captures_all_of_self() {
    let engine = Engine::new();
    let job = move || engine.step();
    assert_eq!((job(), size_of_val(&job)), (0.5, 8008));
}

#[test]
fn a_field_that_is_read_before_is_captured_alone() {
    let engine = Engine::new();
    let step = engine.step();
    let job = move || step;
    assert_eq!((job(), size_of_val(&job)), (0.5, 8));
}

#[test]
fn a_handle_is_small_and_keeps_all_of_it_alive() {
    let engine = Arc::new(Engine::new());
    let seen = Arc::downgrade(&engine);
    // One field is named, but the way to it leads through the handle.
    let job = move || engine.step;
    assert_eq!(size_of_val(&job), 8);
    assert!(seen.upgrade().is_some(), "the job is all that holds the engine");
    assert_eq!(job(), 0.5);
    drop(job);
    assert!(seen.upgrade().is_none());
}

#[test]
fn a_box_is_small_and_all_of_it_is_moved() {
    let beside = Arc::new(());
    let boxed = Box::new((Engine::new(), Arc::clone(&beside)));
    let job = move || boxed.0.step;
    assert_eq!((job(), size_of_val(&job)), (0.5, 8));
    // What the job does not name went along: it goes when the job goes.
    assert_eq!(Arc::strong_count(&beside), 2);
    drop(job);
    assert_eq!(Arc::strong_count(&beside), 1);
}
