// Routes, faces and middleware: hop 2 of a request (docs/life_of_a_request.md).
#pragma once
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/call.h"

namespace segue::http {

// Renders an Error as the route's protocol wants it. The only place where an Error becomes bytes.
using Face = Response (*)(const base::Error& error, const Call& call);
using Handler = std::function<base::Result<Response>(Call& call)>;
// Which origins may read the answer from a browser (CORS).
enum class CrossOrigin { none, any, registered };  // registered: the Origin must be one that the tenant's clients declare

struct Route {
  Method method;
  std::string path;  // "/api/v2/clients/{id}": a braced segment matches one segment, percent-decoded after matching
  Face face;
  Handler handler;
  Lane lane = Lane::quick;
  CrossOrigin cross_origin = CrossOrigin::none;
  std::size_t body_limit = 64 * 1024;
  std::string summary = {};  // one line for docs/reference/routes.md
};

// Runs before the handler, in the order that app/ lists. A response or an error ends the request.
using Before = std::function<base::Result<std::optional<Response>>(Call& call, const Route& route)>;
// Runs on every response on its way out.
using After = std::function<void(const Call& call, const Route* route, Response& response)>;
// Which calls a Before step sees. A CORS preflight carries no credentials, so only steps such as the tenant's resolution run on
// it; `route` is then the route that the preflight asks about.
enum class RunsOn { requests, requests_and_preflights };
// Whether a script of `origin` may read answers of CrossOrigin::registered routes. May throw.
using OriginCheck = std::function<bool(const Call& call, std::string_view origin)>;
// The status for a fault: 500, or 503 when trying again later can help.
using FaultClassifier = std::function<int(const std::exception& fault)>;

class Router {
 public:
  Router();
  ~Router();
  void add(Route route);  // throws base::Bug when the method and path are taken
  void add_before(Before step, RunsOn runs_on = RunsOn::requests);
  void add_after(After step);
  // For a path that no route has, or a fault before a route is known.
  void set_default_face(Face face);
  // Without one, no origin is registered.
  void set_origin_check(OriginCheck check);
  // Without one, every fault is a 500.
  void set_fault_classifier(FaultClassifier classifier);
  const std::vector<Route>& routes() const { return routes_; }

  // The route for a request, by method and path. HEAD finds the GET route. Null: unknown path; `allowed` gets the methods that
  // the path has, for 405 and for CORS preflight.
  const Route* find(Method method, std::string_view path, std::vector<Method>* allowed = nullptr) const;
  // Answers one request on `lane`. Faults become 500 or 503 in the route's face; nothing is thrown.
  Response respond(const Request& request, Lane lane, base::Instant received, std::string request_id) const;

 private:
  struct Node;
  struct Step {
    Before run;
    RunsOn runs_on;
  };
  Response run(Call& call, const Route* route, const std::vector<Method>& allowed) const;
  Response run_route(Call& call, const Route& route) const;
  std::optional<Response> preflight(Call& call, const std::vector<Method>& allowed) const;
  std::optional<Response> run_before(Call& call, const Route& route, RunsOn least) const;
  void add_cross_origin(const Call& call, const Route& route, Response& response) const;
  bool is_registered(const Call& call, std::string_view origin) const;
  Response render(const base::Error& error, Face face, const Call& call) const;
  Response render_fault(const std::exception* fault, const Route* route, const Call& call) const;

  std::vector<Route> routes_;
  std::vector<Step> before_;
  std::vector<After> after_;
  Face default_face_ = nullptr;
  OriginCheck origin_check_;
  FaultClassifier fault_classifier_;
  std::unique_ptr<Node> root_;  // a tree of path segments
};

}  // namespace segue::http
