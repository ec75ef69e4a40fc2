//! A fake network whose answers the test holds back and releases, and the rules that must hold at every step.

mod ahead;
mod basics;
mod beside;
mod failures;
mod properties;
mod support;
