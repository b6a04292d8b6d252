#include "protection/subject_token_throttle.h"

#include "protection/counted_address.h"
#include "store/login_attempts.h"

namespace segue::protection {
namespace {

namespace buckets = store::login_attempts;

std::string bucket_of(std::string_view address) { return "subject_token_ip|" + counted_address(address); }

// How long it takes a bucket with one free place to become empty.
constexpr base::Duration kAllButOne = (kMostInvalidSubjectTokens - 1) * kInvalidSubjectTokenRate;

}  // namespace

bool is_subject_token_throttled(const store::Reader& r, std::string_view address, base::Instant now) {
  const auto bucket = buckets::find(r, bucket_of(address));
  return bucket && bucket->blocked_until && *bucket->blocked_until > now + kAllButOne;
}

SubjectTokenCounted count_invalid_subject_token(const store::Writer& w, std::string_view address, base::Instant now) {
  const auto taken = buckets::take_place(w, bucket_of(address), kMostInvalidSubjectTokens, kInvalidSubjectTokenRate, now);
  if (!taken) return SubjectTokenCounted::beyond;
  return *taken->blocked_until > now + kAllButOne ? SubjectTokenCounted::last : SubjectTokenCounted::one;
}

}  // namespace segue::protection
