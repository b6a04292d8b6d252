#include "http/multipart.h"

#include <gtest/gtest.h>

namespace segue::http {
namespace {

constexpr const char* kType = "multipart/form-data; boundary=\"a b\"";

std::string read(const std::string& body, const std::string& type = kType) {
  const auto parts = parse_multipart(type, body);
  if (!parts.ok()) return "refused";
  std::string out;
  for (const auto& part : *parts) out += part.name + (part.is_file ? "@" : "=") + std::string(part.body) + ";";
  return out;
}
std::string part(const std::string& disposition, const std::string& body) {
  return "--a b\r\nContent-Disposition: form-data" + disposition + "\r\n\r\n" + body + "\r\n";
}

TEST(Multipart, holds_fields_and_files) {
  EXPECT_EQ(read(part("; name=\"x\"", "1") + part("; name=y; filename=\"u.json\"", "[\r\n--a]") + "--a b--\r\n"),
            "x=1;y@[\r\n--a];");
  EXPECT_EQ(read(part("; name=\"q\\\"q\"", "") + "--a b--"), "q\"q=;");
  EXPECT_EQ(read("--a b--"), "");
  EXPECT_EQ(read("--a b\r\ncontent-type: text/plain\r\ncontent-disposition: form-data; name=x\r\n\r\n1\r\n--a b--"), "x=1;");
  EXPECT_EQ(read("--c--\r\n", "Multipart/Form-Data; charset=utf-8; boundary=c"), "");
}

TEST(Multipart, is_refused_where_it_is_not_exactly_a_form) {
  const auto good = part("; name=\"x\"", "1");
  EXPECT_EQ(read(""), "refused");
  EXPECT_EQ(read("preamble\r\n" + good + "--a b--"), "refused");
  EXPECT_EQ(read(good), "refused") << "no end";
  EXPECT_EQ(read(good + "--a b--epilogue"), "refused");
  EXPECT_EQ(read(good + good + "--a b--"), "refused") << "one name twice";
  EXPECT_EQ(read(part("", "1") + "--a b--"), "refused") << "no name";
  EXPECT_EQ(read(part("; name=\"\"", "1") + "--a b--"), "refused");
  EXPECT_EQ(read(part("; name=\"x", "1") + "--a b--"), "refused") << "a quotation mark that is not closed";
  EXPECT_EQ(read(part("; name=x; name=y", "1") + "--a b--"), "refused");
  EXPECT_EQ(read("--a b\r\nno header\r\n\r\n1\r\n--a b--"), "refused");
  EXPECT_EQ(read("--a b\r\n\r\n1\r\n--a b--"), "refused");
  EXPECT_EQ(read("--a b\r\nContent-Disposition: form-data; name=x\r\nContent-Transfer-Encoding: base64\r\n\r\nMQ==\r\n--a b--"),
            "refused");
  for (const auto* type : {"", "text/plain; boundary=c", "multipart/form-data",
                           "multipart/form-data; boundary=", "multipart/form-data; boundary=c; boundary=d",
                           "multipart/form-data; boundary=\"c ;\"", "multipart/form-data; boundary=\"a@b\""})
    EXPECT_EQ(read("--c--\r\n", type), "refused") << type;
  std::string many;
  for (int i = 0; i < 33; ++i) many += part("; name=x" + std::to_string(i), "1");
  EXPECT_EQ(read(many + "--a b--"), "refused");
}

}  // namespace
}  // namespace segue::http
