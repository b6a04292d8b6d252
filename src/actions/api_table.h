// Which api methods each trigger has, what they take, and what calling one means (contract §8.5, §8.6). One table serves both
// sides: the host process makes the api objects of it, and every answer of a process is checked against it again.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/value.h"

namespace segue::actions {

enum class Shape { string, number, boolean, object, array, scalar, any };

struct Parameter {
  std::string_view name;
  Shape shape = Shape::string;
  bool optional = false;
  std::size_t longest = 2048;    // of its JSON text
  std::string_view one_of = {};  // separated by spaces; empty: anything
};

enum class Effect {
  record,   // carried out by the server once all Actions have run
  stop,     // the same, and no Action behind this one runs: a refusal, a revocation, or a page in between
  ask,      // the server answers while the Action waits
  local,    // answered where the Action runs, and never told
  missing,  // known, and refused with a reason
};

struct Method {
  std::string_view name;
  Effect effect = Effect::record;
  std::span<const Parameter> parameters = {};
  std::string_view why = {};  // when it is missing
};

// Nothing for a trigger that does not exist.
std::span<const Method> methods_of(std::string_view trigger);
const Method* find_method(std::string_view trigger, std::string_view name);

// Arguments that a process handed over. They come from untrusted code, so nothing is taken on trust.
base::Outcome check_arguments(const Method& method, const json::array& arguments);

// The table for the host process.
std::string describe_api();

}  // namespace segue::actions
