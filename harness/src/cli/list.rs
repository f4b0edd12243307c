//! `lab list`: the scenarios, a line each, or with their variants, sizes and sweeps.

use anyhow::Result;
use serde_json::json;

use crate::name::command;
use crate::scenario::{Catalog, Scenario};
use crate::screen::{Screen, print};
use crate::store;

/// List the scenarios, a line each
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// List their variants, sizes and sweeps too, which gives the fixes away
    #[arg(long)]
    all: bool,
    /// Print JSON, with everything
    #[arg(long)]
    json: bool,
}

impl Args {
    /// Lists the scenarios in the order of their numbers.
    pub(super) fn run(self) -> Result<u8> {
        let catalog = Catalog::load(&store::root()?)?;
        if self.json {
            let json = |scenario| as_json(&catalog, scenario);
            let scenarios: Vec<_> = catalog.scenarios().iter().map(json).collect();
            print(&format!("{:#}\n", json!(scenarios)));
            return Ok(0);
        }
        let screen = Screen::detect();
        if !self.all {
            print(&short(&catalog, &screen));
            return Ok(0);
        }
        for scenario in catalog.scenarios() {
            print(&format!("{:>2}  {}  {}\n", scenario.number, screen.bold(&scenario.slug), scenario.title));
            for variant in &scenario.variants {
                print(&format!("      {:<15} {}\n", variant.name, variant.title));
            }
            let sizes: Vec<&str> = scenario.sizes.keys().map(String::as_str).collect();
            print(&format!("      sizes: {}\n", sizes.join(", ")));
            let sweeps: Vec<&str> = scenario.sweeps.iter().map(|sweep| sweep.id.as_str()).collect();
            if !sweeps.is_empty() {
                print(&format!("      sweeps: {}\n", sweeps.join(", ")));
            }
            if let Some(peer) = catalog.peer(scenario) {
                let variants: Vec<&str> =
                    peer.scenario.variants.iter().map(|variant| variant.name.as_str()).collect();
                print(&format!("      in Python: {}\n", variants.join(", ")));
            }
        }
        Ok(0)
    }
}

/// A line for each scenario. What its fixed variants do isn't there: it's what an exercise asks for.
fn short(catalog: &Catalog, screen: &Screen) -> String {
    let width = catalog.scenarios().iter().map(|scenario| scenario.slug.len()).max().unwrap_or(0);
    let mut text = String::new();
    for scenario in catalog.scenarios() {
        let slug = format!("{:<width$}", scenario.slug);
        text.push_str(&format!("{:>2}  {}  {}\n", scenario.number, screen.bold(&slug), scenario.title));
    }
    text.push_str(&format!("\nVariants, sizes and sweeps:  {}\n", command("list --all")));
    text
}

fn as_json(catalog: &Catalog, scenario: &Scenario) -> serde_json::Value {
    let variants =
        scenario.variants.iter().map(|variant| json!({ "name": variant.name, "title": variant.title }));
    let sweeps = scenario.sweeps.iter().map(|sweep| json!({ "id": sweep.id, "title": sweep.title }));
    let peer = catalog.peer(scenario).map(|peer| {
        let variants = peer.scenario.variants.iter();
        variants.map(|variant| json!({ "name": variant.name, "title": variant.title }))
    });
    json!({ "number": scenario.number, "slug": scenario.slug, "title": scenario.title,
            "lesson": scenario.lesson, "variants": variants.collect::<Vec<_>>(), "sizes": scenario.sizes,
            "sweeps": sweeps.collect::<Vec<_>>(), "peer": peer.map(Iterator::collect::<Vec<_>>) })
}
