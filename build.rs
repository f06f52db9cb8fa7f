//! Rebuilds the program when a migration is added: the migrations are embedded from their folders.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
