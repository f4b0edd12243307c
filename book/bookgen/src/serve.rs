//! The site, served to this machine alone and built again on each change.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use notify::{EventKind, RecursiveMode, Watcher};
use percent_encoding::percent_decode_str;
use tower_http::services::{ServeDir, ServeFile};

use crate::workbook::Workbook;
use crate::{fragments, site};

/// How long nothing must change before the site is built again.
const QUIET: Duration = Duration::from_millis(200);

/// The ends of the names of files that the site is made from.
const ENDS: [&str; 12] =
    ["css", "hbs", "js", "jsonl", "md", "png", "rs", "svg", "toml", "txt", "woff2", "ico"];

/// Serves the site until the program is stopped.
///
/// # Errors
///
/// When nothing can be served. A site that can't be built is reported, and built again when
/// something has changed.
pub(crate) fn serve(root: &Path, port: u16) -> Result<()> {
    let (sender, changes) = channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Nobody receives only when the program is about to end.
        let _ = event.map(|event| is_change(&event).then(|| sender.send(())));
    })?;
    for folder in ["book", "scenarios"].map(|folder| root.join(folder)) {
        watcher.watch(&folder, RecursiveMode::Recursive).with_context(|| folder.display().to_string())?;
    }
    let records = lab::store::Store::open(root)?;
    watcher.watch(records.folder(), RecursiveMode::Recursive)?;

    build(root);
    let site = root.join("target/book");
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("port {port} (another one: --port NUMBER)"))?;
    println!("Read it at http://{} (Ctrl-C ends this)", listener.local_addr()?);
    listener.set_nonblocking(true)?;
    let server = std::thread::spawn(move || serve_files(&site, listener));
    while !server.is_finished() {
        if wait(&changes) {
            build(root);
        }
    }
    server.join().expect("the server does not panic")
}

/// Serves the files below the site, and nothing else.
fn serve_files(site: &Path, listener: std::net::TcpListener) -> Result<()> {
    let missing = ServeFile::new(site.join("404.html"));
    let files = ServeDir::new(site).not_found_service(missing);
    let router = Router::new()
        .fallback_service(files)
        .layer(from_fn_with_state(Arc::<Path>::from(site), of_the_site))
        .layer(from_fn(of_this_machine));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        Ok(axum::serve(listener, router).await?)
    })
}

/// Refuses who calls this machine by another name. A page from elsewhere that a browser has loaded could
/// read the site otherwise, once its own name leads to this machine (DNS rebinding).
async fn of_this_machine(request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    match name == "localhost" || name == Ipv4Addr::LOCALHOST.to_string() {
        true => next.run(request).await,
        false => (StatusCode::MISDIRECTED_REQUEST, "The site is served at localhost only.\n").into_response(),
    }
}

/// Refuses files that a link in the site leads to and that are elsewhere.
async fn of_the_site(State(site): State<Arc<Path>>, request: Request, next: Next) -> Response {
    let path = percent_decode_str(request.uri().path()).decode_utf8_lossy();
    let file = site.join(path.trim_start_matches('/')).canonicalize();
    match (file, site.canonicalize()) {
        (Ok(file), Ok(site)) if !file.starts_with(&site) => StatusCode::FORBIDDEN.into_response(),
        _ => next.run(request).await,
    }
}

/// Writes the fragments and builds the site, and says what came of it.
fn build(root: &Path) {
    let built: Result<PathBuf> =
        Workbook::open(root).and_then(|workbook| fragments::write(&workbook)).and_then(|_| site::build(root));
    match built {
        Ok(_) => println!("The book is built"),
        Err(error) => eprintln!("bookgen: {error:#}"),
    }
}

/// Waits a while for a change, and then until no more come; returns whether there was one.
fn wait(changes: &Receiver<()>) -> bool {
    if changes.recv_timeout(QUIET * 5).is_err() {
        return false;
    }
    while changes.recv_timeout(QUIET).is_ok() {}
    true
}

/// Whether something changed that the site is made from. Its own fragments are not among that.
fn is_change(event: &notify::Event) -> bool {
    let matters = |path: &PathBuf| {
        path.extension().and_then(|end| end.to_str()).is_some_and(|end| ENDS.contains(&end))
            && !path.ends_with("results/numbers.txt")
    };
    !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(matters)
}
