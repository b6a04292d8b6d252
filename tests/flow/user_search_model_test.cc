// Searches of users (contract §9.7) against a model: random queries over random users, each clause with a predicate of its own
// that shares nothing with the server's reading of the query.
#include <algorithm>
#include <functional>
#include <random>

#include "openid.h"

namespace segue::test {
namespace {

constexpr int kUsers = 40;
constexpr int kQueries = 400;

struct Person {
  std::string id, email, first, last, plan;
  int size = 0;
  bool verified = false, blocked = false;
};

struct Clause {
  std::string text;
  std::function<bool(const Person&)> holds;
};

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  Person person(int number) {
    Person out;
    out.first = pick({"Ada", "Bea", "Cem", "Dov"});
    out.last = pick({"Lovelace", "Love", "Hopper"});
    out.email = base::ascii_lower(out.first) + std::to_string(number) + "@" + pick({"example.com", "example.org"});
    out.plan = pick({"", "gold", "silver"});
    out.size = below(6);
    out.verified = below(2) == 0;
    out.blocked = below(4) == 0;
    return out;
  }

  Clause clause(const std::vector<Person>& people, int depth) {
    if (depth == 0 || below(3) == 0) return atom(people);
    const auto a = clause(people, depth - 1), b = clause(people, depth - 1);
    switch (below(3)) {
      case 0: return {"(" + a.text + " AND " + b.text + ")", [a, b](const Person& p) { return a.holds(p) && b.holds(p); }};
      case 1: return {"(" + a.text + " OR " + b.text + ")", [a, b](const Person& p) { return a.holds(p) || b.holds(p); }};
      default: return {"(NOT " + a.text + ")", [a](const Person& p) { return !a.holds(p); }};
    }
  }

 private:
  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  std::string pick(std::initializer_list<const char*> from) { return *(from.begin() + below(static_cast<int>(from.size()))); }

  Clause atom(const std::vector<Person>& people) {
    const auto& someone = people[static_cast<std::size_t>(below(kUsers))];
    const int n = below(6);
    switch (below(11)) {
      case 0: return {"email:\"" + someone.email + "\"", [email = someone.email](const Person& p) { return p.email == email; }};
      case 1: {
        const auto start = someone.email.substr(0, 4);
        return {"email:" + start + "*", [start](const Person& p) { return p.email.starts_with(start); }};
      }
      case 2:
        return {"name:" + base::ascii_lower(someone.first),
                [first = someone.first](const Person& p) { return p.first == first; }};
      case 3: return {"name:love*", [](const Person& p) { return p.last.starts_with("Love"); }};
      case 4: return {"family_name:" + someone.last, [last = someone.last](const Person& p) { return p.last == last; }};
      case 5: return {"email_verified:true", [](const Person& p) { return p.verified; }};
      case 6: return {"blocked:true", [](const Person& p) { return p.blocked; }};
      case 7: return {"user_metadata.plan:gold", [](const Person& p) { return p.plan == "gold"; }};
      case 8: return {"_exists_:user_metadata.plan", [](const Person& p) { return !p.plan.empty(); }};
      case 9:
        return {"user_metadata.size:[" + std::to_string(n) + " TO 4}",
                [n](const Person& p) { return p.size >= n && p.size < 4; }};
      default: return {"user_id:\"" + someone.id + "\"", [id = someone.id](const Person& p) { return p.id == id; }};
    }
  }

  std::mt19937 random_;
};

TEST(UserSearch, finds_whom_a_model_finds) {
  constexpr unsigned kSeed = 20261127;
  Generator generator(kSeed);
  World world;
  std::vector<Person> people;
  for (int i = 0; i < kUsers; ++i) {
    auto person = generator.person(i);
    json::object metadata{{"size", person.size}};
    if (!person.plan.empty()) metadata["plan"] = person.plan;
    person.id = world
                    .create_user(person.email, {{"name", person.first + " " + person.last},
                                                {"family_name", person.last},
                                                {"email_verified", person.verified},
                                                {"blocked", person.blocked},
                                                {"user_metadata", metadata}})
                    .user_id;
    people.push_back(std::move(person));
  }
  int empty = 0;
  for (int i = 0; i < kQueries; ++i) {
    const auto clause = generator.clause(people, 3);
    std::vector<std::string> wanted, found;
    for (const auto& person : people) {
      if (clause.holds(person)) wanted.push_back(person.id);
    }
    const auto answer = world.managed(http::Method::get, "users?per_page=100&q=" + base::percent_encode(clause.text));
    for (const auto& user : answer.as_array()) found.push_back(json::find_string(user.as_object(), "user_id").value());
    std::sort(wanted.begin(), wanted.end());
    std::sort(found.begin(), found.end());
    ASSERT_EQ(found, wanted) << clause.text;
    if (wanted.empty()) ++empty;
  }
  EXPECT_LT(empty, kQueries / 2) << "the queries ask for nobody";
}

}  // namespace
}  // namespace segue::test
