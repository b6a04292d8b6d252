#include "backchannel/revocation_walk.h"

#include <algorithm>

#include "store/session_clients.h"

namespace segue::backchannel {
namespace {

namespace down = store::descendants;
namespace revocations = store::revocations;

constexpr std::int64_t kPage = 100;  // sessions of one transaction: some hundred statements, a few milliseconds
constexpr auto kWalkLease = std::chrono::seconds(60);

}  // namespace

struct RevocationWalk::Walk {
  tenancy::Tenants& tenants;
  const base::Clock& clock;
  base::Random& random;
  base::TenantId tenant;
  revocations::Work work;
  std::string trace_id;
  std::shared_ptr<const tenancy::Snapshot> snapshot = tenants.snapshot(tenant);

  store::Store& store() const { return tenants.store(); }

  // What one transaction does.
  struct Page {
    std::vector<down::EndedSession> sessions;
    std::vector<Telling> tellings;
    std::vector<down::Family> families;            // that end with their session, or with their parent
    std::vector<down::EndedSession> participated;  // sessions with service providers of other protocols
    std::vector<base::RowId> replaced;             // sessions whose successor ended
    std::vector<base::RowId> roots;                // families, marked already, from which more hangs
  };

  bool cascades(const store::Reader& r, const std::string& client_id) const {
    return model::revocation_cascades(snapshot->client(client_id, &r).get());
  }
  // A family from which sessions can have grown is a root of its own.
  bool may_be_root(const store::Reader& r, const std::string& client_id) const {
    const auto client = snapshot->client(client_id, &r);
    return model::revocation_cascades(client.get()) &&
           (!client || (client->session_transfer && client->session_transfer->can_create_session_transfer_token));
  }

  // What hangs on the sessions of the page.
  void look_below(const store::Reader& r, Page& page) const {
    const auto add = [](auto& to, auto from) { to.insert(to.end(), from.begin(), from.end()); };
    for (const auto& session : page.sessions) {
      add(page.tellings, tellings_of(r, *snapshot, random, session, work.initiator, trace_id));
      if (store::session_clients::has_participants(r, session.session_id)) page.participated.push_back(session);
      add(page.families, down::list_families_of_session(r, session.session_id));
      for (const auto& root : down::list_roots_of_session(r, session.session_id)) page.roots.push_back(root.family_id);
      add(page.replaced, down::list_replaced(r, session.session_id));
    }
  }

  // Marks, messages and the work that follows commit together: whatever was found is either done or found again.
  void carry_out(const store::Writer& w, const Page& page, base::Instant now) const {
    if (work.root == revocations::Root::family && !page.sessions.empty())
      down::mark_sessions_of_family(w, work.root_id, page.sessions.front().session_id, page.sessions.back().session_id, now);
    for (const auto& family : page.families) {
      down::mark_family(w, family.family_id, cascades(w, family.client_id), now);
      if (may_be_root(w, family.client_id)) revocations::insert_family(w, family.family_id, work.initiator, now);
    }
    for (const auto root : page.roots) revocations::insert_family(w, root, work.initiator, now);
    for (const auto session_id : page.replaced) revocations::insert_session(w, session_id, work.initiator, now);
    queue(w, page.tellings, now);
    for (const auto& session : page.participated) give_up_participants(w, *snapshot, session, work.initiator, now);
    revocations::keep(w, work.revocation_id, now + kWalkLease);
  }

  // Reads pages with `read`(reader, after) until one is short, and carries each out. `last` is the id that the next page begins
  // behind.
  template <class Read, class Last>
  void page_through(Read read, Last last) const {
    base::RowId after{};
    for (;;) {
      const auto page = store().read(tenant, [&](const store::Reader& r) {
        Page out = read(r, after);
        look_below(r, out);
        return out;
      });
      const auto [size, end] = last(page);
      if (size == 0) return;
      const auto now = clock.now();
      store().write(tenant, [&](const store::Writer& w) { return carry_out(w, page, now), true; });
      if (size < kPage) return;
      after = end;
    }
  }

  void over_sessions(auto list) const {
    page_through([&](const store::Reader& r, base::RowId after) { return Page{.sessions = list(r, after)}; },
                 [](const Page& page) {
                   return std::pair(static_cast<std::int64_t>(page.sessions.size()),
                                    page.sessions.empty() ? base::RowId{} : page.sessions.back().session_id);
                 });
  }

  void below_session() const {
    over_sessions([&](const store::Reader& r, base::RowId) {
      std::vector<down::EndedSession> out;
      if (auto found = down::find_session(r, work.root_id)) out.push_back(std::move(*found));
      return out;
    });
  }

  void below_family() const {
    over_sessions(
        [&](const store::Reader& r, base::RowId after) { return down::list_sessions_of_family(r, work.root_id, after, kPage); });
    page_through(
        [&](const store::Reader& r, base::RowId after) {
          return Page{.families = down::list_families_of_family(r, work.root_id, after, kPage)};
        },
        [](const Page& page) {
          return std::pair(static_cast<std::int64_t>(page.families.size()),
                           page.families.empty() ? base::RowId{} : page.families.back().family_id);
        });
  }

  // Its families are roots themselves; there is one, or none.
  void below_grant() const {
    const auto page = store().read(tenant, [&](const store::Reader& r) {
      Page out;
      for (const auto& family : down::list_families_of_grant(r, work.root_id)) {
        out.families.push_back(family);
        out.roots.push_back(family.family_id);
      }
      return out;
    });
    const auto now = clock.now();
    store().write(tenant, [&](const store::Writer& w) {
      for (const auto& family : page.families) down::mark_family(w, family.family_id, true, now);
      for (const auto root : page.roots) revocations::insert_family(w, root, work.initiator, now);
      return true;
    });
  }

  void below_user() const {
    over_sessions([&](const store::Reader& r, base::RowId after) {
      return down::list_sessions_of_user(r, work.user_id, work.revoked_at, after, kPage);
    });
    page_through(
        [&](const store::Reader& r, base::RowId after) {
          Page out;
          for (const auto& root : down::list_roots_of_user(r, work.user_id, work.revoked_at, after, kPage))
            out.roots.push_back(root.family_id);
          return out;
        },
        [](const Page& page) {
          return std::pair(static_cast<std::int64_t>(page.roots.size()), page.roots.empty() ? base::RowId{} : page.roots.back());
        });
  }

  void run() const {
    switch (work.root) {
      case revocations::Root::session: below_session(); break;
      case revocations::Root::family: below_family(); break;
      case revocations::Root::grant: below_grant(); break;
      case revocations::Root::user: below_user(); break;
    }
    store().write(tenant, [&](const store::Writer& w) { return revocations::finish(w, work.revocation_id), true; });
  }
};

bool RevocationWalk::walk_one() {
  auto& store = tenants_.store();
  const auto now = clock_.now();
  std::optional<base::TenantId> tenant;
  store.database().read([&](sql::Connection& connection) { tenant = revocations::find_tenant_due(connection, now); });
  if (!tenant) return false;
  const auto known = tenants_.list();
  if (std::find(known.begin(), known.end(), *tenant) == known.end())
    return false;  // a new one: its snapshot comes within a second
  auto work = store.write(*tenant, [&](const store::Writer& w) { return revocations::take(w, now, now + kWalkLease); });
  if (!work) return false;
  Walk{tenants_, clock_, random_, *tenant, std::move(*work), random_.text(22, base::kAlphanumeric)}.run();
  return true;
}

}  // namespace segue::backchannel
