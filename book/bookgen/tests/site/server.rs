//! The site's server, asked as a browser asks it, and as others may.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::process::{Child, Stdio};

use crate::copy::Copy;

/// A server that is ended with the test.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn of(copy: &Copy) -> Self {
        let mut child = copy
            .command("serve")
            .args(["--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("bookgen can be started");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let address = lines.map_while(Result::ok).find_map(|line| {
            let (_, rest) = line.split_once("http://")?;
            rest.split(' ').next().map(str::to_owned)
        });
        Server { child, address: address.expect("it says where the site is") }
    }

    /// The status of the answer, and its text.
    fn ask(&self, path: &str, host: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("the server listens");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
            .expect("the server reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("the server answers");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.unwrap_or_else(|| panic!("no status: {answer}")), answer)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_site_and_nothing_else_is_served_and_under_no_other_name() {
    let copy = Copy::new();
    let server = Server::of(&copy);
    let port = server.address.rsplit(':').next().expect("an address has a port");
    for host in ["localhost", "127.0.0.1", &format!("localhost:{port}"), &server.address] {
        assert_eq!(server.ask("/", host).0, 200, "{host}");
        assert_eq!(server.ask("/scenarios/slice-dup/chapter.html?a=b", host).0, 200, "{host}");
        assert_eq!(server.ask("/none.html", host).0, 404, "{host}");
    }
    for host in ["example.org", "localhost.example.org", "", "example.org:localhost"] {
        assert_eq!(server.ask("/", host).0, 421, "{host}");
    }

    let secret = copy.path("secret");
    fs::create_dir(&secret).expect("a folder beside the site");
    fs::write(secret.join("file.html"), "secret").expect("a file in it");
    symlink(secret.join("file.html"), copy.site().join("file.html")).expect("a link in the site");
    symlink(&secret, copy.site().join("folder")).expect("a link in the site");
    symlink("index.html", copy.site().join("first.html")).expect("a link in the site");
    for path in [
        "/file.html",
        "/fil%65.html",
        "/folder/file.html",
        "/folder%2Ffile.html",
        "/../../secret/file.html",
        "/%2e%2e/%2e%2e/secret/file.html",
        "//file.html",
    ] {
        let (status, answer) = server.ask(path, "localhost");
        assert!(status >= 400 && !answer.ends_with("secret"), "{path}: {answer}");
    }
    assert_eq!(server.ask("/first.html", "localhost").0, 200, "a link that stays in the site");
}
