// Messages in a query: inflating is bounded, the relay state is text, and a signature covers all of it.
#include "base/text.h"
#include "saml_messages/bindings.h"
#include "saml_messages/deflate.h"
#include "target.h"

using namespace segue;
using namespace segue::saml_messages;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  constexpr std::size_t kMost = 4096;
  if (input.byte() % 2 == 0) {
    if (const auto text = inflate(input.rest(), kMost); text.ok()) must(text->size() <= kMost, "bounded");
    must(*inflate(deflate(input.rest()), size) == input.rest(), "round trip");
    return 0;
  }
  const auto arrived = from_redirect(input.rest());
  if (!arrived.ok()) return 0;
  must(arrived->xml.size() <= Limits{}.message, "bounded message");
  must(!arrived->relay_state ||
           (arrived->relay_state->size() <= Limits{}.relay_state && base::is_valid_utf8(*arrived->relay_state)),
       "relay state is text within its limit");
  if (arrived->detached) must(arrived->detached->octets.find("&SigAlg=") != std::string::npos, "the algorithm is signed too");
  const auto again = redirect_to("https://sp.example/", arrived->kind, arrived->xml, arrived->relay_state, std::nullopt);
  const auto back = from_redirect(std::string_view(again).substr(again.find('?') + 1));
  must(back.ok() && back->xml == arrived->xml && back->relay_state == arrived->relay_state, "round trip");
  return 0;
}
