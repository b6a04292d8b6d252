// How many subject tokens of a token exchange an address may get wrong (contract §2.6 "pre-custom-token-exchange"): ten, and one
// more each ten minutes.
#pragma once
#include <string_view>

#include "base/clock.h"
#include "store/store.h"

namespace segue::protection {

inline constexpr std::int64_t kMostInvalidSubjectTokens = 10;
inline constexpr base::Duration kInvalidSubjectTokenRate = std::chrono::milliseconds(600'000);

// Costs no commit. Many people share the address of an application's server, and all but a few bring a good token: only those
// that an Action called invalid are counted, so an exchange asks twice, before its Action runs and in the transaction that
// grants. What was under way when the last place was taken is then refused as well.
bool is_subject_token_throttled(const store::Reader& r, std::string_view address, base::Instant now);

// Counts one that is invalid.
enum class SubjectTokenCounted {
  one,
  last,    // the next exchange is refused: exactly one request is told so
  beyond,  // was under way when another one was the last
};
SubjectTokenCounted count_invalid_subject_token(const store::Writer& w, std::string_view address, base::Instant now);

}  // namespace segue::protection
