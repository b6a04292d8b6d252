#include "mail/liquid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace segue::mail {
namespace {

using ::testing::HasSubstr;
constexpr std::array<std::string_view, 3> kNames = {"user", "application", "url"};

json::object values() {
  return json::parse(R"({"user":{"email":"ada@example.com","name":"<b>Ada</b>","user_metadata":{"lang":"fr","n":3}},
      "application":{"name":"Shop"},"url":"https://t.example/?a=1&b=2"})")
      ->get_object();
}
std::string html(std::string_view text) {
  const auto parsed = LiquidTemplate::parse(text, kNames);
  if (!parsed.ok()) return "refused: " + parsed.error().description;
  return *parsed->render(values(), LiquidTemplate::Escaping::html);
}

TEST(Liquid, puts_values_where_their_names_stand) {
  const std::pair<const char*, const char*> cases[] = {
      {"Hi {{ user.email }}, {{application.name}}!", "Hi ada@example.com, Shop!"},
      {"{{ user.name }}|{{ user.name | escape }}", "&lt;b&gt;Ada&lt;/b&gt;|&lt;b&gt;Ada&lt;/b&gt;"},
      {"<a href=\"{{ url }}\">", "<a href=\"https://t.example/?a=1&amp;b=2\">"},
      {"{{ user.nothing.at.all }}{{ user }}", ""},
      {"{{ user.nothing | default: 'you' | upcase }}", "YOU"},
      {"{{ 'shop' | capitalize | append: '!' | prepend: \"(\" }}", "(Shop!"},
      {"{{ user.email | url_encode }} {{ user.email | truncate: 3 }}", "ada%40example.com ada"},
      {"{{ user.user_metadata.n }} { {% raw %}{{ x }}{% endraw %}{% comment %}{{ ? }}{% endcomment %} }", "3 { {{ x }} }"},
      {"a  {{- 'b' -}}  c", "abc"},
      {"{{ \"}}\" }}{{", "refused: line 1, column 11: this is not closed: }} is missing"},
      {"{", "{"},
      {"", ""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(html(text), expected) << text;
}

TEST(Liquid, chooses_by_conditions) {
  const std::string by_language =
      "{% if user.user_metadata.lang == 'de' %}Hallo{% elsif user.user_metadata.lang == 'fr' %}Salut{% else %}Hi{% endif %}";
  EXPECT_EQ(html(by_language), "Salut");
  const std::pair<const char*, bool> cases[] = {
      {"user.email", true},
      {"user.nothing", false},
      {"user.nothing == nil", true},
      {"user.user_metadata.n > 2 and user.user_metadata.n <= 3", true},
      {"user.user_metadata.n > 3 or application.name contains 'ho'", true},
      {"application.name != 'Shop'", false},
      {"application.name > 3", false},
      {"true or false and false", true},
  };
  for (const auto& [condition, holds] : cases) {
    EXPECT_EQ(html("{% if " + std::string(condition) + " %}yes{% else %}no{% endif %}"), holds ? "yes" : "no") << condition;
    EXPECT_EQ(html("{% unless " + std::string(condition) + " %}yes{% endunless %}"), holds ? "" : "yes") << condition;
  }
  EXPECT_EQ(html("{% if user %}{% if url %}both{% endif %}{% endif %}"), "both");
}

TEST(Liquid, refuses_what_it_does_not_understand_with_its_place) {
  const std::pair<const char*, const char*> cases[] = {
      {"a\n {% for x in y %}", "line 2, column 2: {% for %} is not understood here"},
      {"{{ user.email | date: '%Y' }}", "line 1, column 17: the filter \"date\" is not understood here"},
      {"{{ secret }}", "\"secret\" is not known here: user, application, url are"},
      {"{{ user. }}", "a name is missing behind the dot"},
      {"{{ user[0] }}", "this is not understood here"},
      {"{{ }}", "a name or a value is missing"},
      {"{% if user %}", "{% endif %} is missing"},
      {"{% endif %}", "{% endif %} ends nothing"},
      {"{% if user %}{% endunless %}", "{% endunless %} is out of place"},
      {"{% if user %}{% else %}{% elsif user %}{% endif %}", "{% elsif %} is out of place"},
      {"{% raw %}{{ x }}{% endraw", "{% endraw %} is missing"},
      {"{% raw %}", "{% endraw %} is missing"},
      {"{{ user | default }}", "takes 1 argument(s)"},
      {"{{ user | upcase: 1 }}", "takes 0 argument(s)"},
      {"{{ 'x }}", "this is not closed"},
      {"{% if user = 1 %}{% endif %}", "this is not understood here"},
  };
  for (const auto& [text, expected] : cases) EXPECT_THAT(html(text), HasSubstr(expected)) << text;
  std::string deep;
  for (int i = 0; i < 20; ++i) deep += "{% if user %}";
  EXPECT_THAT(html(deep), HasSubstr("too deeply"));
}

TEST(Liquid, ends_where_a_mail_would_be_too_long) {
  std::string text;
  for (int i = 0; i < 64; ++i) text += "{{ user.name }}";
  auto large = values();
  large["user"].get_object()["name"] = std::string(100'000, 'x');
  EXPECT_FALSE(LiquidTemplate::parse(text, kNames)->render(large, LiquidTemplate::Escaping::none).ok());
}

}  // namespace
}  // namespace segue::mail
