resource "auth0_role" "reader" {
  name        = "tf reader"
  description = "Reads${local.suffix}"
}

resource "auth0_role_permissions" "reader" {
  depends_on = [auth0_resource_server_scopes.orders]
  role_id    = auth0_role.reader.id
  permissions {
    name                       = "read:orders"
    resource_server_identifier = auth0_resource_server.orders.identifier
  }
}

resource "auth0_user" "ada" {
  depends_on      = [auth0_connection_clients.people]
  connection_name = auth0_connection.people.name
  email           = "ada@tf.example"
  email_verified  = true
  password        = "Correct-horse-9182"
  name            = "Ada${local.suffix}"
  user_metadata   = jsonencode({ theme = "dark" })
}

resource "auth0_user_roles" "ada" {
  user_id = auth0_user.ada.id
  roles   = [auth0_role.reader.id]
}

resource "auth0_organization" "acme" {
  name         = "tf-acme"
  display_name = "Acme${local.suffix}"
  metadata     = { plan = "gold" }
}

resource "auth0_organization_members" "acme" {
  organization_id = auth0_organization.acme.id
  members         = [auth0_user.ada.id]
}

resource "auth0_organization_connections" "acme" {
  organization_id = auth0_organization.acme.id
  enabled_connections {
    connection_id              = auth0_connection.people.id
    assign_membership_on_login = !var.changed
  }
}
