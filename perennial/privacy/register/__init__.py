"""The register of processing (GDPR 30), made from what the house declares and how it is configured."""
