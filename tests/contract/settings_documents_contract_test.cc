// What the documents of the settings promise (store/settings_documents.h), on both engines.
#include "store/settings_documents.h"

#include "contract/session_graph_fixture.h"
#include "store/sealed_values.h"

namespace segue::store {
namespace {

namespace documents = settings_documents;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SettingsDocuments : public SessionGraph {
 protected:
  void put(const std::string& name, json::object document, std::string sealed = {}, base::TenantId tenant = kOne) {
    run(
        [&](const Writer& w) {
          documents::put(w, {.kind = "email_provider", .name = name, .document = document, .sealed = sealed}, now());
        },
        tenant);
  }
  std::optional<documents::Document> find(const std::string& name, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return documents::find(r, "email_provider", name); }, tenant);
  }
  std::int64_t version() {
    return read([](const Reader& r) { return tenants::config_version(r); });
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, SettingsDocuments, ::testing::ValuesIn(every_place()), place_name);

TEST_P(SettingsDocuments, come_back_as_they_were_put_and_raise_the_configuration_version) {
  const auto before = version();
  put("a", {{"text", "Zoë"}}, std::string("\0sealed", 7));
  EXPECT_GT(version(), before);
  for (const auto& found :
       {find("a"), write([](const Writer& w) { return documents::find_for_change(w, "email_provider", "a"); })}) {
    ASSERT_TRUE(found);
    EXPECT_EQ(found->kind, "email_provider");
    EXPECT_EQ(found->name, "a");
    EXPECT_EQ(json::write(found->document), R"({"text":"Zoë"})");
    EXPECT_EQ(found->sealed, std::string("\0sealed", 7));
  }
  put("a", {{"text", "other"}});
  EXPECT_EQ(json::write(find("a")->document), R"({"text":"other"})");
  EXPECT_EQ(find("a")->sealed, "");
  EXPECT_FALSE(find("b"));
  EXPECT_FALSE(read([](const Reader& r) { return documents::find(r, "branding", "a"); }));
}

TEST_P(SettingsDocuments, are_listed_by_name_and_deleted_once) {
  put("b", {});
  put("a", {});
  const auto listed = read([](const Reader& r) { return documents::list(r, "email_provider"); });
  ASSERT_THAT(listed, SizeIs(2));
  EXPECT_EQ(listed[0].name, "a");
  EXPECT_THAT(read([](const Reader& r) { return documents::list(r, "branding"); }), IsEmpty());
  const auto before = version();
  const auto remove = [&] { return write([](const Writer& w) { return documents::delete_one(w, "email_provider", "a"); }); };
  EXPECT_TRUE(remove());
  EXPECT_GT(version(), before);
  EXPECT_FALSE(remove());
  EXPECT_FALSE(find("a"));
  EXPECT_TRUE(find("b"));
}

TEST_P(SettingsDocuments, of_one_tenant_are_no_other_tenants) {
  put("a", {{"of", "one"}}, "sealed");
  EXPECT_FALSE(find("a", kTwo));
  EXPECT_THAT(read([](const Reader& r) { return documents::list(r, "email_provider"); }, kTwo), IsEmpty());
  EXPECT_FALSE(write([](const Writer& w) { return documents::find_for_change(w, "email_provider", "a"); }, kTwo));
  EXPECT_FALSE(write([](const Writer& w) { return documents::delete_one(w, "email_provider", "a"); }, kTwo));
  put("a", {{"of", "two"}}, {}, kTwo);
  EXPECT_EQ(json::write(find("a")->document), R"({"of":"one"})");
}

TEST_P(SettingsDocuments, what_is_sealed_in_them_is_found_by_the_rotation_of_the_key_file) {
  put("", {}, "old");
  const auto* const column = sealed_values::find_column("email_provider");
  ASSERT_NE(column, nullptr);
  const auto values = read([&](const Reader& r) { return sealed_values::list(r, *column); });
  ASSERT_THAT(values, SizeIs(1));
  EXPECT_EQ(values[0].sealed, "old");
  EXPECT_FALSE(write([&](const Writer& w) { return sealed_values::replace(w, *column, values[0], "new"); }, kTwo));
  EXPECT_TRUE(write([&](const Writer& w) { return sealed_values::replace(w, *column, values[0], "new"); }));
  EXPECT_FALSE(write([&](const Writer& w) { return sealed_values::replace(w, *column, values[0], "newer"); }));
  EXPECT_EQ(find("")->sealed, "new");
}

}  // namespace
}  // namespace segue::store
