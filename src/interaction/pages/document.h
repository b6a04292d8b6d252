// The frame of every page: head, stylesheet, brand mark and the headers that keep a page harmless. All text given here is HTML
// already, except where a name says `text`.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace segue::interaction::pages {

struct Document {
  std::string title_text;
  std::string main;                        // inside <main>
  std::string footer = {};                 // below the card; empty: none
  bool patient = false;                    // shown only after a while, for a page that mostly goes on by itself
  std::string form_action = "'none'";      // source list of the CSP directive
  std::string frame_ancestors = "'none'";  // source list: who may show the page in a frame
  std::vector<std::string> images = {};    // of other sites, by address: shown behind everything else, without taking room
  std::string goes_on_at = {};             // a path here that the page leaves for by itself; empty: it stays
  std::string_view script = {};            // the one script that may run, by its hash; placed at the end of the body
};
http::Response render(int status, const Document& document);

// 'sha256-…' of an inline style or script (CSP Level 3 §2.3.1).
std::string hash_source(std::string_view text);

// The CSP source that covers a redirect URI: its exact origin for http and https, `scheme:` for native apps' own schemes, whose
// redirects Chromium holds against form-action too. Empty when there is none that could be written into a header.
std::string source_of(std::string_view uri);

// <bdi> keeps a name that holds direction marks from reordering the text around it.
std::string name_html(std::string_view name);
std::string hidden(std::string_view name, std::string_view value);
// An error text for the person, which fields name as their description by the id `alert`; empty without one.
std::string alert_html(std::string_view alert);
// The state of an input. The alert stands in the page when it loads, which not every screen reader announces: the fields name it
// as their description, before the id of what else `describes` them, and the focus starts on one of them.
std::string field_state(bool wrong, bool focused, std::string_view describes = {});
// Lines of plain text.
std::string lines_html(std::string_view lines);
// The way to the page for those for whom this one is not.
std::string aside_html(std::string_view question, std::string_view path, std::string_view label);
// Where the person is; empty without a name.
std::string tenant_footer(std::string_view tenant_name);
// The sources of a form that posts to this server, whose answer may redirect to the application.
std::string own_form_action(std::string_view redirect_origin, bool leads_elsewhere = false);

}  // namespace segue::interaction::pages
