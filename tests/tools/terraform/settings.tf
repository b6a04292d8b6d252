resource "auth0_action" "greet" {
  name   = "tf greet"
  deploy = true
  code   = "exports.onExecutePostLogin = async () => { console.log('${local.suffix}'); };"
  supported_triggers {
    id      = "post-login"
    version = "v3"
  }
}

resource "auth0_trigger_actions" "login" {
  trigger = "post-login"
  actions {
    id           = auth0_action.greet.id
    display_name = auth0_action.greet.name
  }
}

resource "auth0_log_stream" "siem" {
  name   = "tf siem"
  type   = "http"
  status = var.changed ? "paused" : "active"
  sink {
    http_endpoint       = "https://siem.example/logs"
    http_content_type   = "application/json"
    http_content_format = "JSONLINES"
    http_authorization  = "a secret"
  }
}

resource "auth0_tenant" "this" {
  friendly_name    = "Acme${local.suffix}"
  support_email    = "support@tf.example"
  session_lifetime = 72
  enabled_locales  = ["en"]
}

resource "auth0_branding" "this" {
  logo_url = "https://tf.example/logo.png"
  colors {
    primary         = var.changed ? "#ffa629" : "#0059d6"
    page_background = "#000000"
  }
}

resource "auth0_prompt" "this" {
  universal_login_experience = "new"
  identifier_first           = !var.changed
}

resource "auth0_email_provider" "smtp" {
  name                 = "smtp"
  enabled              = true
  default_from_address = "post@tf.example"
  credentials {
    smtp_host = "mail.tf.example"
    smtp_port = 587
    smtp_user = "acme"
    smtp_pass = "secret"
  }
}

resource "auth0_email_template" "welcome" {
  depends_on = [auth0_email_provider.smtp]
  template   = "welcome_email"
  body       = "<html><body><h1>Welcome${local.suffix}</h1></body></html>"
  from       = "post@tf.example"
  subject    = "Welcome"
  syntax     = "liquid"
  enabled    = true
}

resource "auth0_custom_domain" "id" {
  domain = "id.tf.example"
  type   = "auth0_managed_certs"
}

resource "auth0_attack_protection" "this" {
  brute_force_protection {
    enabled      = true
    max_attempts = var.changed ? 7 : 5
    mode         = "count_per_identifier_and_ip"
    shields      = ["block"]
    allowlist    = ["192.0.2.0/24"]
  }
  suspicious_ip_throttling {
    enabled   = true
    shields   = ["block"]
    allowlist = ["192.0.2.0/24"]
  }
}

# A factor that Segue does not ask for cannot be demanded of it.
resource "auth0_guardian" "this" {
  policy        = "never"
  email         = false
  otp           = false
  recovery_code = false
}
