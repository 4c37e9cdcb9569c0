//! Extension bundles: trust, loading, and extensions in C.
#![cfg(unix)]

mod contract;
mod loading;
mod sample;
mod support;
mod tampering;
mod trust;
