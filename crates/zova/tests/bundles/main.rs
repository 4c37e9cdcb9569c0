//! Extension bundles: trust, loading, and extensions in C.
#![cfg(unix)]

mod contract;
mod loading;
mod safety;
mod sample;
mod support;
mod tampering;
mod trust;
