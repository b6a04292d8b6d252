// A connection inside a transaction, as the store sees it.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/function_ref.h"
#include "base/ids.h"
#include "sql/statement.h"

namespace segue::sql {

// The engine or the disk failed, or the database cannot be reached. Answered with 503.
class Unavailable : public std::exception {
 public:
  explicit Unavailable(std::string what) : what_(std::move(what)) {}
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  std::string what_;
};

// Another process holds the database (SQLite).
class InUse final : public Unavailable {
 public:
  using Unavailable::Unavailable;
};

// A unique key or a check refused the row. Statements say ON CONFLICT where a conflict is expected, so this is a fault.
class ConstraintViolation : public std::exception {
 public:
  explicit ConstraintViolation(std::string what) : what_(std::move(what)) {}
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  std::string what_;
};

// A value to bind. Borrows text and bytes: they must outlive the call. The kind decides the type that PostgreSQL is told.
class Param {
 public:
  enum class Kind { integer, boolean, text, bytes };

  Param(std::int64_t v) : kind_(Kind::integer), integer_(v) {}
  Param(int v) : kind_(Kind::integer), integer_(v) {}
  Param(bool v) : kind_(Kind::boolean), integer_(v) {}
  Param(std::string_view v) : kind_(Kind::text), text_(v) {}
  Param(const std::string& v) : kind_(Kind::text), text_(v) {}
  Param(const char* v) : kind_(Kind::text), text_(v) {}
  Param(base::ByteView v) : kind_(Kind::bytes), text_(base::as_text(v)) {}
  template <std::size_t N>
  Param(const std::array<std::byte, N>& v) : Param(base::ByteView(v)) {}
  Param(base::Instant v) : Param(base::to_micros(v)) {}
  Param(base::TenantId v) : Param(base::to_integer(v)) {}
  Param(base::RowId v) : Param(base::to_integer(v)) {}
  template <class T>
  Param(const std::optional<T>& v) : Param(v ? Param(*v) : null_like(Param(T{}))) {}

  Kind kind() const { return kind_; }
  bool null() const { return null_; }
  std::int64_t integer() const { return integer_; }
  std::string_view text() const { return text_; }  // text and bytes

 private:
  static Param null_like(Param p) {
    p.null_ = true;
    p.text_ = {};
    return p;
  }
  Kind kind_;
  bool null_ = false;
  std::int64_t integer_ = 0;
  std::string_view text_;
};

// One row of a result, valid during the callback only. Columns count from 0. Reading a null as a value gives 0, false or "".
class Row {
 public:
  virtual ~Row() = default;
  virtual bool null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual bool boolean(int column) const = 0;
  virtual std::string_view text(int column) const = 0;
  virtual std::string_view bytes(int column) const = 0;

  std::string string(int column) const { return std::string(text(column)); }
  base::Instant instant(int column) const { return base::from_micros(integer(column)); }
  base::RowId row_id(int column) const { return base::RowId(integer(column)); }
  std::optional<std::string> maybe_string(int column) const {
    return null(column) ? std::nullopt : std::optional(string(column));
  }
  std::optional<base::Instant> maybe_instant(int column) const {
    return null(column) ? std::nullopt : std::optional(instant(column));
  }
  std::optional<base::RowId> maybe_row_id(int column) const {
    return null(column) ? std::nullopt : std::optional(row_id(column));
  }
  std::optional<std::int64_t> maybe_integer(int column) const {
    return null(column) ? std::nullopt : std::optional(integer(column));
  }
  // A SHA-256 column. Throws nothing: a value of another length reads as zeros, which no digest equals in practice.
  std::array<std::byte, 32> digest(int column) const;
};

class Connection {
 public:
  virtual ~Connection() = default;
  virtual Engine engine() const = 0;

  // Runs a statement, calls `on_row` for each row, and returns how many rows it changed (or returned).
  virtual std::int64_t run(const Statement& statement, std::span<const Param> params,
                           base::FunctionRef<void(const Row&)> on_row) = 0;

  std::int64_t execute(const Statement& statement, std::initializer_list<Param> params) {
    return run(statement, {params.begin(), params.size()}, [](const Row&) {});
  }
  // The first row through `read`, if there is one.
  template <class Read>
  auto maybe_one(const Statement& statement, std::initializer_list<Param> params, Read read)
      -> std::optional<decltype(read(std::declval<const Row&>()))> {
    std::optional<decltype(read(std::declval<const Row&>()))> out;
    run(statement, {params.begin(), params.size()}, [&](const Row& row) {
      if (!out) out = read(row);
    });
    return out;
  }
  template <class Read>
  auto list(const Statement& statement, std::initializer_list<Param> params, Read read)
      -> std::vector<decltype(read(std::declval<const Row&>()))> {
    std::vector<decltype(read(std::declval<const Row&>()))> out;
    run(statement, {params.begin(), params.size()}, [&](const Row& row) { out.push_back(read(row)); });
    return out;
  }
};

inline std::array<std::byte, 32> Row::digest(int column) const {
  std::array<std::byte, 32> out{};
  const auto raw = base::as_bytes(bytes(column));
  if (raw.size() == out.size()) std::copy(raw.begin(), raw.end(), out.begin());
  return out;
}

}  // namespace segue::sql
