// A log id that names a row is the one that the row has, and rows are in the order of their times, whatever time is asked for.
#include "base/id_generator.h"
#include "store/logs.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::Input(data, size).rest();
  if (const auto id = store::logs::row_id_of(text)) must(store::logs::log_id_of(*id) == text, "one spelling");
  std::uint64_t number = 0;
  for (const char c : text.substr(0, 8)) number = (number << 8) | static_cast<unsigned char>(c);
  const auto id = base::RowId(static_cast<std::int64_t>(number >> 1));
  if (base::to_integer(id) > 0) must(store::logs::row_id_of(store::logs::log_id_of(id)) == id, "round trip");

  const auto time = base::from_micros(static_cast<std::int64_t>(number >> 2));
  const auto first = base::IdGenerator::first_at(time);
  must(base::to_integer(first) >= 0 && first <= base::IdGenerator::first_at(time + std::chrono::days(1)), "later is not smaller");
  return 0;
}
