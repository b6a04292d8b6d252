// An SQL text with a name. Built from literals only, so no caller's text can reach an engine as SQL.
#pragma once
#include <string_view>

namespace segue::sql {

enum class Engine { sqlite, postgres };

// Declare as `constexpr sql::Statement kFind{...}` at namespace scope: engines cache prepared statements by its address.
// Parameters are $1…$n on both engines. The dialect is the part that SQLite 3.40 and PostgreSQL 15 share
// (docs/dev/add_a_table.md).
class Statement {
 public:
  consteval Statement(const char* name, const char* text) : name_(name), sqlite_(text), postgres_(text) {}
  // For the few statements that must differ, row locks foremost. Counted by `./dev check`.
  consteval Statement(const char* name, const char* sqlite, const char* postgres)
      : name_(name), sqlite_(sqlite), postgres_(postgres) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  constexpr std::string_view name() const { return name_; }
  constexpr std::string_view text(Engine engine) const { return engine == Engine::sqlite ? sqlite_ : postgres_; }

 private:
  std::string_view name_;
  std::string_view sqlite_;
  std::string_view postgres_;
};

}  // namespace segue::sql
