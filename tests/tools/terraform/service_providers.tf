# SAML: every member of the block that the provider publishes.
resource "auth0_client" "expenses" {
  name      = "tf expenses"
  app_type  = "regular_web"
  callbacks = ["https://tf.example/saml/acs"]
  addons {
    samlp {
      audience                           = "https://tf.example/saml${var.changed ? "/changed" : ""}"
      recipient                          = "https://tf.example/saml/acs"
      destination                        = "https://tf.example/saml/acs"
      issuer                             = "urn:tf:segue"
      mappings                           = var.changed ? { email = "mail" } : { email = "mail", name = "cn" }
      create_upn_claim                   = var.changed
      passthrough_claims_with_no_mapping = var.changed
      map_unknown_claims_as_is           = !var.changed
      map_identities                     = var.changed
      signature_algorithm                = var.changed ? "rsa-sha1" : "rsa-sha256"
      digest_algorithm                   = var.changed ? "sha1" : "sha256"
      lifetime_in_seconds                = var.changed ? 600 : 300
      sign_response                      = !var.changed
      name_identifier_format             = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
      name_identifier_probes = var.changed ? [local.email_claim] : [
        local.email_claim,
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier",
      ]
      authn_context_class_ref       = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
      typed_attributes              = var.changed
      include_attribute_name_format = var.changed
      binding                       = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-${var.changed ? "Redirect" : "POST"}"
      signing_cert                  = var.public_key
      logout {
        callback    = "https://tf.example/saml/logout"
        slo_enabled = !var.changed
      }
    }
  }
}

# WS-Federation: a block without members. Beside it comes a SAML one that maps an attribute twice.
resource "auth0_client" "payroll" {
  name           = "tf payroll"
  app_type       = "regular_web"
  callbacks      = ["https://tf.example/wsfed"]
  client_aliases = ["urn:tf:payroll"]
  addons {
    wsfed {}
    dynamic "samlp" {
      for_each = var.changed ? [{ email = ["mail", "upn"] }] : []
      content {
        flexible_mappings = jsonencode(samlp.value)
      }
    }
  }
}

# A block that says nothing, and goes away: what the server presumes is no difference.
resource "auth0_client" "wiki" {
  name      = "tf wiki"
  app_type  = "regular_web"
  callbacks = ["https://tf.example/wiki"]
  addons {
    dynamic "samlp" {
      for_each = var.changed ? [] : [{}]
      content {}
    }
  }
}

locals {
  email_claim = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
}
