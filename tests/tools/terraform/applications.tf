resource "auth0_client" "native" {
  name     = "tf native${local.suffix}"
  app_type = "native"
  session_transfer {
    can_create_session_transfer_token = true
    enforce_device_binding            = var.changed ? "none" : "asn"
  }
}

resource "auth0_client" "web" {
  name      = "tf web"
  app_type  = "regular_web"
  callbacks = ["https://tf.example/callback"]
  session_transfer {
    allowed_authentication_methods = var.changed ? ["cookie"] : ["cookie", "query"]
  }
}

resource "auth0_client" "machine" {
  name        = "tf machine"
  app_type    = "non_interactive"
  grant_types = ["client_credentials"]
}

resource "auth0_client_credentials" "machine" {
  client_id             = auth0_client.machine.id
  authentication_method = "private_key_jwt"
  private_key_jwt {
    credentials {
      name            = "key"
      credential_type = "public_key"
      algorithm       = "RS256"
      pem             = var.public_key
    }
  }
}

resource "auth0_connection" "people" {
  name     = "tf-people"
  strategy = "auth0"
  options {
    password_policy        = var.changed ? "good" : "fair"
    brute_force_protection = true
    disable_signup         = true
  }
}

resource "auth0_connection_clients" "people" {
  connection_id   = auth0_connection.people.id
  enabled_clients = var.changed ? [auth0_client.web.id] : [auth0_client.native.id, auth0_client.web.id]
}

resource "auth0_resource_server" "orders" {
  name                 = "tf orders${local.suffix}"
  identifier           = "https://tf-orders.example/v1"
  allow_offline_access = true
  enforce_policies     = true
  token_dialect        = "access_token_authz"
}

resource "auth0_resource_server_scopes" "orders" {
  resource_server_identifier = auth0_resource_server.orders.identifier
  scopes {
    name        = "read:orders"
    description = "Read${local.suffix}"
  }
  scopes {
    name = "write:orders"
  }
}

resource "auth0_client_grant" "machine" {
  depends_on = [auth0_resource_server_scopes.orders]
  client_id  = auth0_client.machine.id
  audience   = auth0_resource_server.orders.identifier
  scopes     = var.changed ? ["read:orders", "write:orders"] : ["read:orders"]
}
