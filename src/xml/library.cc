#include "xml/library.h"

#include <libxml/xmlIO.h>
#include <xmlsec/base64.h>
#include <xmlsec/errors.h>
#include <xmlsec/io.h>

#include "crypto/digest.h"

namespace segue::xml {
namespace {

xmlParserInputPtr no_external_entity(const char*, const char*, xmlParserCtxtPtr) { return nullptr; }
void say_nothing(const char*, int, const char*, const char*, const char*, int, const char*) {}
void say_nothing_either(void*, xmlErrorPtr) {}

struct Started {
  Started() {
    xmlInitParser();
    xmlSetExternalEntityLoader(no_external_entity);
    require(xmlSecInit() == 0, "xmlSecInit");
    require(xmlSecCheckVersionExt(XMLSEC_VERSION_MAJOR, XMLSEC_VERSION_MINOR, XMLSEC_VERSION_SUBMINOR,
                                  xmlSecCheckVersionABICompatible) == 1,
            "xmlSecCheckVersion");
    require(xmlSecCryptoAppInit(nullptr) == 0, "xmlSecCryptoAppInit");
    require(xmlSecCryptoInit() == 0, "xmlSecCryptoInit");
    xmlSecErrorsSetCallback(say_nothing);
    xmlSecIOCleanupCallbacks();  // a reference to anything but the same document opens nothing
    xmlSecBase64SetDefaultLineSize(0);
  }
};

}  // namespace

void start_library() {
  static const Started started;
  // libxml2 keeps it per thread, and would print what others sent.
  xmlSetStructuredErrorFunc(nullptr, say_nothing_either);
}

QuietErrors::~QuietErrors() { crypto::forget_errors(); }

}  // namespace segue::xml
