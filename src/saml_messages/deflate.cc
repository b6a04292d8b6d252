#include "saml_messages/deflate.h"

#include <zlib.h>

#include "saml_messages/names.h"

namespace segue::saml_messages {
namespace {

constexpr int kRaw = -15;  // the largest window, and no zlib header
constexpr int kMemory = 8;

Bytef* octets(std::string& text) { return reinterpret_cast<Bytef*>(text.data()); }
// zlib reads through a pointer that is not const.
Bytef* octets(std::string_view text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); }

}  // namespace

base::Result<std::string> inflate(std::string_view compressed, std::size_t most_bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, kRaw) != Z_OK) throw base::Bug("inflateInit2");
  std::string out(most_bytes + 1, '\0');
  stream.next_in = octets(compressed);
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = octets(out);
  stream.avail_out = static_cast<uInt>(out.size());
  const int answer = ::inflate(&stream, Z_FINISH);
  const auto length = out.size() - stream.avail_out;
  const bool everything_read = stream.avail_in == 0;
  inflateEnd(&stream);
  if (length > most_bytes) return refused("The message is longer than " + std::to_string(most_bytes) + " bytes.");
  if (answer != Z_STREAM_END || !everything_read)
    return refused("The message is not DEFLATE-compressed, or is cut off. The redirect binding wants DEFLATE, then base64.");
  out.resize(length);
  return out;
}

std::string deflate(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kRaw, kMemory, Z_DEFAULT_STRATEGY) != Z_OK)
    throw base::Bug("deflateInit2");
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = octets(text);
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = octets(out);
  stream.avail_out = static_cast<uInt>(out.size());
  const int answer = ::deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  if (answer != Z_STREAM_END) throw base::Bug("deflate");
  return out;
}

}  // namespace segue::saml_messages
