//! Extension bundles: trust, loading, and extensions in C.
#![cfg(unix)]

mod contract;
mod guide;
mod header;
mod loading;
mod sample;
mod support;
mod tampering;
mod trust;
