# What terraform.test.mjs applies, changes, imports and destroys.

terraform {
  required_providers {
    auth0 = { source = "auth0/auth0" }
  }
}

# Terraform's domain, credentials and authority come from the environment.
provider "auth0" {}

variable "changed" {
  type    = bool
  default = false
}

variable "public_key" {
  type = string
}

locals {
  suffix = var.changed ? " changed" : ""
}
