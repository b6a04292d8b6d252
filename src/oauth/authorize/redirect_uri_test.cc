#include "oauth/authorize/redirect_uri.h"

#include <gtest/gtest.h>

namespace segue::oauth {
namespace {

struct Case {
  const char* registered;
  const char* presented;
  bool matches;
};

class RedirectUri : public ::testing::TestWithParam<Case> {};

TEST_P(RedirectUri, matches_by_the_rules_of_the_contract) {
  const auto& c = GetParam();
  EXPECT_EQ(verify_redirect({c.registered}, c.presented).has_value(), c.matches) << c.registered << " against " << c.presented;
}

INSTANTIATE_TEST_SUITE_P(
    table, RedirectUri,
    ::testing::Values(
        // Byte for byte.
        Case{"https://app.example/cb", "https://app.example/cb", true},
        Case{"https://app.example/cb", "https://app.example/cb/", false},
        Case{"https://app.example/cb", "https://app.example/Cb", false},
        Case{"https://app.example/cb", "https://APP.example/cb", false},
        Case{"https://app.example/cb", "https://app.example/c", false},
        Case{"https://app.example/cb", "http://app.example/cb", false},
        Case{"https://app.example/cb", "https://app.example:443/cb", false},
        Case{"https://app.example/cb", "https://app.example/cb?x=1", false},
        Case{"https://app.example/cb", "https://app.example/cb#f", false},
        Case{"https://app.example/cb", "https://app.example/cb%20", false},
        Case{"https://app.example/cb", "https://app.example/../cb", false},
        Case{"https://app.example/cb?x=1", "https://app.example/cb?x=1", true},
        // Loopback ports are not relaxed.
        Case{"http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb", false},
        // Custom schemes compare exactly.
        Case{"com.app://host/cb", "com.app://host/cb", true}, Case{"com.app://host/cb", "com.app://host/cb2", false},
        // One star, left-most label, one label.
        Case{"https://*.app.example/cb", "https://a.app.example/cb", true},
        Case{"https://*.app.example/cb", "https://a.b.app.example/cb", false},
        Case{"https://*.app.example/cb", "https://.app.example/cb", false},
        Case{"https://*.app.example/cb", "https://app.example/cb", false},
        Case{"https://pre-*-suf.app.example/cb", "https://pre-x-suf.app.example/cb", true},
        Case{"https://*.app.example/cb", "https://evil.example/.app.example/cb", false},
        Case{"https://*.app.example/cb", "https://evil.example#.app.example/cb", false},
        Case{"https://*.app.example/cb", "https://user@x.app.example/cb", false},
        Case{"https://*.app.example/cb", "https://x%2e.app.example/cb", false},
        Case{"https://*.app.example/cb", "https://x:1.app.example/cb", false},
        Case{"https://*.com/cb", "https://evil.com/cb", false}, Case{"https://a.*.example/cb", "https://a.b.example/cb", false},
        Case{"https://*.*.app.example/cb", "https://a.b.app.example/cb", false},
        Case{"com.app://*.a.b/cb", "com.app://x.a.b/cb", false},
        // Dangerous schemes are never an address, registered or not.
        Case{"javascript:alert(1)", "javascript:alert(1)", false}, Case{"data:text/html,x", "data:text/html,x", false},
        Case{"JavaScript:alert(1)", "JavaScript:alert(1)", false},
        Case{"https://app.example/cb", "https://app.example/cb\r\nX: y", false}, Case{"", "", false}));

TEST(VerifiedRedirect, names_the_origin_that_a_form_may_end_at) {
  EXPECT_EQ(verify_redirect({"https://app.example:8443/cb?x"}, "https://app.example:8443/cb?x")->origin(),
            "https://app.example:8443");
  EXPECT_EQ(verify_redirect({"com.app://host/cb"}, "com.app://host/cb")->origin(), "com.app:");
}

}  // namespace
}  // namespace segue::oauth
