"""How people get an account: the secretariat makes it, nobody signs up alone."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Closes the sign-up page."""

    def is_open_for_signup(self, request) -> bool:
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Lets the ministry's single sign-on enter for people who have an account already."""

    def is_open_for_signup(self, request, sociallogin) -> bool:
        return False
