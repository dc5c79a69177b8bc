"""Secrets Manager in memory, as far as functions/lake_job.py calls it."""


class ResourceNotFoundException(Exception):
    pass


class ResourceExistsException(Exception):
    pass


class SecretsManager:
    class exceptions:
        ResourceNotFoundException = ResourceNotFoundException
        ResourceExistsException = ResourceExistsException

    def __init__(self):
        self.versions = {}
        self.rival = None

    def get_secret_value(self, SecretId):
        if SecretId not in self.versions:
            raise ResourceNotFoundException
        return {"SecretString": self.versions[SecretId][1]}

    def put_secret_value(self, SecretId, ClientRequestToken, SecretString):
        if self.rival:
            self.versions[SecretId] = (ClientRequestToken, self.rival)
        token, text = self.versions.get(SecretId, (None, None))
        if token == ClientRequestToken and text != SecretString:
            raise ResourceExistsException
        self.versions[SecretId] = (ClientRequestToken, SecretString)


secretsmanager = SecretsManager()


def client(service, region_name):
    assert (service, region_name) == ("secretsmanager", "us-east-1")
    return secretsmanager
