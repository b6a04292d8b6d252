// Result<T>: a value or the Error that refused it. Refusals are values; faults of the world are exceptions.
#pragma once
#include <exception>
#include <utility>
#include <variant>

#include "base/error.h"

namespace segue::base {

// A broken invariant of ours: answered with 500, never caught by business code.
class Bug : public std::exception {
 public:
  explicit Bug(std::string what, Origin origin = Origin::here())
      : what_(std::move(what) + " (" + origin.file + ":" + std::to_string(origin.line) + ")") {}
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  std::string what_;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & { return checked(), std::get<0>(state_); }
  const T& value() const& { return checked(), std::get<0>(state_); }
  T&& value() && { return checked(), std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  Error& error() & { return std::get<1>(state_); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  void checked() const {
    if (!ok()) throw Bug("a refused Result was read: " + std::get<1>(state_).description);
  }
  std::variant<T, Error> state_;
};

// A Result that carries no value.
struct Unit {};
using Outcome = Result<Unit>;

}  // namespace segue::base

// `const auto client = TRY(authenticate(request));` returns the Error from the enclosing function when there is one.
#define TRY(expression)                                           \
  __extension__({                                                 \
    auto try_result_ = (expression);                              \
    if (!try_result_.ok()) return std::move(try_result_).error(); \
    std::move(try_result_).value();                               \
  })
