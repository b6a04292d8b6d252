// The operator's log: JSON lines on standard error. Not the tenant log (audit/).
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace segue::base::log {

enum class Level { debug, info, warn, error };
using Field = std::pair<std::string_view, std::string>;

// Parses "debug", "info", "warn" or "error"; false when it is none of them (the level stays).
bool set_level(std::string_view name);
// Writes one line. Never give it a secret, a query string or a body.
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

inline void debug(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::debug, m, f); }
inline void info(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::info, m, f); }
inline void warn(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::warn, m, f); }
inline void error(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::error, m, f); }

}  // namespace segue::base::log
