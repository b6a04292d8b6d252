// What the files of this folder share about libxml2 and xmlsec: ownership and the one initialisation. Nothing outside xml/
// includes it.
#pragma once
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <xmlsec/crypto.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlenc.h>
#include <xmlsec/xmlsec.h>

#include <memory>
#include <string_view>

#include "base/result.h"

namespace segue::xml {

struct LibraryFree {
  void operator()(xmlParserCtxt* p) const { xmlFreeParserCtxt(p); }
  void operator()(xmlDoc* p) const { xmlFreeDoc(p); }
  void operator()(xmlBuffer* p) const { xmlBufferFree(p); }
  void operator()(xmlSecKey* p) const { xmlSecKeyDestroy(p); }
  void operator()(xmlSecKeysMngr* p) const { xmlSecKeysMngrDestroy(p); }
  void operator()(xmlSecDSigCtx* p) const { xmlSecDSigCtxDestroy(p); }
  void operator()(xmlSecEncCtx* p) const { xmlSecEncCtxDestroy(p); }
  void operator()(xmlChar* p) const { xmlFree(p); }
};
template <class T>
using Owned = std::unique_ptr<T, LibraryFree>;

// Throws base::Bug: what we write ourselves is never refused by the libraries.
inline void require(bool done, const char* what, base::Origin origin = base::Origin::here()) {
  if (!done) throw base::Bug(std::string("XML failed at ") + what, origin);
}
template <class T>
Owned<T> require_owned(T* pointer, const char* what, base::Origin origin = base::Origin::here()) {
  require(pointer != nullptr, what, origin);
  return Owned<T>(pointer);
}

inline base::Error refused(std::string why, base::Origin origin = base::Origin::here()) {
  return {.kind = base::ErrorKind::invalid_input, .code = "invalid_request", .description = std::move(why), .origin = origin};
}

inline const xmlChar* chars(const char* text) { return reinterpret_cast<const xmlChar*>(text); }
inline std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

// Both libraries, once per process: no network, no files, nothing printed. Before every use, on the thread that uses them.
void start_library();

// xmlsec leaves OpenSSL's error queue filled, which would mislead TLS on this thread.
class QuietErrors {
 public:
  QuietErrors() { start_library(); }
  ~QuietErrors();
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
};

}  // namespace segue::xml
