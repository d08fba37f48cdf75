// SPDX-License-Identifier: Apache-2.0
//! The committed description of the API is the one the routes give.

use voz_server::http::openapi;

#[test]
fn the_committed_description_is_current() {
    let committed = include_str!("../../../../docs/openapi.json");
    assert!(committed == openapi::json(), "docs/openapi.json is stale: voz openapi > docs/openapi.json");
}
