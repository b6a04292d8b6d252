// The part of Liquid that mail templates need: `{{ a.b | filter: "x" }}`, if / elsif / else, unless, comment, raw, and the marks
// that trim white space. No loops and no assignments: what a template makes is no longer than its text and its values. Everything
// else is refused where it is written, with its place.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/value.h"

namespace segue::mail {

class LiquidTemplate {
 public:
  // `variables`: which may stand first in a name. The error names line and column.
  static base::Result<LiquidTemplate> parse(std::string_view text, std::span<const std::string_view> variables);

  enum class Escaping {
    html,  // every value: `escape` is what happens anyway, and happens once
    none,  // headers and addresses, which are encoded elsewhere
  };
  // An unknown name is empty. An error when the text grows beyond what a mail may be.
  base::Result<std::string> render(const json::object& values, Escaping escaping) const;

  struct Node;

 private:
  std::shared_ptr<const std::vector<Node>> nodes_;
};

}  // namespace segue::mail
