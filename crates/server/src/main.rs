// SPDX-License-Identifier: Apache-2.0
//! The `voz` binary.

fn main() -> std::process::ExitCode {
    voz_server::cli::main()
}
